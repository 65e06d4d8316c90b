/**
 * A process that runs single tests with a given mutant active, see test_runner.ts.
 *
 * @module
 */

import { StartError } from "../../lib/workbench/mod.ts";
import { TextLineStream } from "../../lib/std/streams.ts";
import type { Mutant } from "./mutants.ts";
import { endGroup, type ProjectCopy } from "./project_copy.ts";
import { SWITCH, switchedText } from "./switched_text.ts";

/** What a process of tests loads. */
export interface RunnerProgram {
  readonly testFiles: readonly string[];
  /** The mutants by id; ids count from 1. */
  readonly mutants: ReadonlyMap<number, Mutant>;
  /** The unchanged texts of the mutated files. */
  readonly texts: ReadonlyMap<string, string>;
}

/** How a test ended. */
export interface TestResult {
  readonly outcome: "passed" | "failed" | "timed out";
  readonly failure: string;
  readonly elapsedMs: number;
  /** The ids of the mutants that the test reached, if none was active. */
  readonly hits: readonly number[];
  /** Whether the test started processes or workers, whose hits are unknown. */
  readonly hasStartedPrograms: boolean;
}

/** A reply of the process before it runs a test. */
interface Loaded {
  readonly tests: readonly string[];
  readonly hits: readonly number[];
}

const MARK = "\u0000mutate ";
const RUNNER_FILE = "deno_mutate_test_runner.ts";
const MAX_LOAD_MS = 120_000;
const PERMISSIONS = [
  ...["--allow-read", "--allow-write", "--allow-run", "--allow-env"],
  "--allow-sys=osRelease,homedir",
];

/** A process that has loaded test files, and the text of the program with all mutants. */
export class RunnerProcess {
  readonly #child: Deno.ChildProcess;
  readonly #replies: ReadableStreamDefaultReader<string>;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #loaded: Loaded = { tests: [], hits: [] };
  #hasEnded = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#replies = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    this.#requests = child.stdin.getWriter();
  }

  /**
   * Starts a process in which the given mutant (0 for none) is active while it loads the files.
   * Afterwards the copy holds the unchanged program.
   *
   * @throws {StartError} When a test file cannot be loaded.
   */
  static async start(
    copy: ProjectCopy,
    { testFiles, mutants, texts }: RunnerProgram,
    active: number,
    signal: AbortSignal,
  ): Promise<RunnerProcess> {
    signal.throwIfAborted();
    for (const [file, text] of texts) {
      const own = [...mutants].filter(([, mutant]) => mutant.file === file);
      copy.write(file, switchedText(text, new Map(own)));
    }
    copy.write(RUNNER_FILE, Deno.readTextFileSync(new URL("test_runner.ts", import.meta.url)));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", ...PERMISSIONS, RUNNER_FILE, SWITCH]
        .concat(String(mutants.size), String(active), testFiles),
      cwd: copy.path,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      // A process group of its own, so that a signal also reaches the processes that tests start.
      detached: true,
    }).spawn();
    const runner = new RunnerProcess(child);
    signal.addEventListener("abort", runner.#kill);
    child.status.then(() => signal.removeEventListener("abort", runner.#kill));
    try {
      runner.#loaded = await runner.#load();
      return runner;
    } catch (error) {
      await runner.end();
      throw error;
    } finally {
      for (const [file, text] of texts) copy.write(file, text);
    }
  }

  /** The names of the tests, by index. */
  get tests(): readonly string[] {
    return this.#loaded.tests;
  }

  /** The ids of the mutants that were reached while the files were loaded. */
  get loadHits(): readonly number[] {
    return this.#loaded.hits;
  }

  /** Whether the process has ended: after a timeout, or because a test ended it. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Runs a test with a mutant (0 for none). After a timeout the process has ended. */
  async run(test: number, mutant: number, timeoutMs: number): Promise<TestResult> {
    const begun = performance.now();
    const ended = (outcome: "failed" | "timed out", failure: string): TestResult => ({
      outcome,
      failure,
      elapsedMs: performance.now() - begun,
      hits: [],
      hasStartedPrograms: false,
    });
    try {
      await this.#requests.write(new TextEncoder().encode(`${JSON.stringify({ test, mutant })}\n`));
    } catch {
      this.#hasEnded = true;
      return ended("failed", "the process of the tests ended");
    }
    const reply = await this.#nextReply<Omit<TestResult, "outcome">>(timeoutMs);
    if (reply === "ended") return ended("failed", "the process of the tests ended");
    if (reply === "timed out") return ended("timed out", `no result after ${timeoutMs} ms`);
    return { ...reply, outcome: reply.failure === undefined ? "passed" : "failed" };
  }

  /** Ends the process and all that it started. */
  async end(): Promise<void> {
    this.#kill();
    await this.#child.status;
    await this.#replies.cancel().catch(() => {});
    await this.#requests.abort().catch(() => {});
  }

  readonly #kill = () => endGroup(this.#child.pid);

  async #load(): Promise<Loaded> {
    type Failed = { readonly failedToLoad: string; readonly reason: string };
    const reply = await this.#nextReply<Loaded | Failed>(MAX_LOAD_MS);
    if (reply === "ended" || reply === "timed out") {
      throw new StartError(`the process of the tests ${reply} while it loaded their files`);
    }
    if ("failedToLoad" in reply) {
      throw new StartError(`${reply.failedToLoad} failed to load:\n${reply.reason}`);
    }
    return reply;
  }

  async #nextReply<T>(timeoutMs: number): Promise<T | "ended" | "timed out"> {
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      this.#kill();
    }, timeoutMs);
    try {
      for (;;) {
        const { done, value } = await this.#replies.read();
        if (done) {
          this.#hasEnded = true;
          return isTimedOut ? "timed out" : "ended";
        }
        if (value.startsWith(MARK)) return JSON.parse(value.slice(MARK.length));
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
