/**
 * The folder of a run, with its history, journal, logs and results, which is written during the
 * run.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import { plainResults, type Verdict } from "../check/mod.ts";
import { HistoryLines, type Operation, writeEdn } from "../history/mod.ts";
import type { TestOptions } from "../workload/mod.ts";
import type { NemesisEvent } from "./fault/mod.ts";
import { JournalEncoder, type JournalEvent } from "./journal.ts";
import { LineFile } from "./line_file.ts";
import { encodeSchedule } from "./schedule_file.ts";

/** The contents of `test.json`, from which a run can be checked again or repeated. */
export interface TestDescription {
  /** The options of the test. */
  readonly options: TestOptions;
  /** The engine's name. */
  readonly engine: string;
  /** The path of the program. */
  readonly bin: string;
  /** The arguments of the nodes. */
  readonly args: readonly string[];
  /** The path of the workload's module, if it is not one of Maelstrom's. */
  readonly workloadModule?: string;
}

/** Called when a file of a run cannot be written, once a file; `path` is the file's. */
export type OnWriteFailure = (path: string, error: Error) => void;

/** Sizes of the files of a history. */
export interface HistoryLimits {
  /** `history.jsonl` has each operation whole up to this size; beyond, long lists continue others. */
  readonly wholeBytes: number;
  /** A larger `history.edn` is removed: its format, Jepsen's, has every list whole. */
  readonly ednBytes: number;
}

const HISTORY_LIMITS: HistoryLimits = { wholeBytes: 64 * 2 ** 20, ednBytes: 2 ** 30 };

/**
 * The folder of one run. History, journal and logs are written as they come, so that a run that does
 * not end keeps what it recorded. Recording never throws: it runs inside the code of nodes.
 */
export class RunFolder {
  /** The path of the folder: `<root>/<workload>/<time>`. */
  readonly path: string;
  readonly #root: string;
  readonly #workload: string;
  readonly #journal: LineFile;
  readonly #journalEncoder = new JournalEncoder();
  readonly #history: LineFile;
  readonly #historyLines = new HistoryLines("jsonl");
  readonly #edn: LineFile;
  readonly #ednLines = new HistoryLines("edn");
  readonly #limits: HistoryLimits;
  readonly #logs = new Map<string, LineFile>();
  readonly #onWriteFailure: OnWriteFailure;
  #trace: LineFile | undefined;
  #isClosed = false;

  /** Makes the folder. `time` becomes its name: an ISO time, or any text that sorts by age. */
  constructor(
    root: string,
    workload: string,
    time: string,
    onWriteFailure: OnWriteFailure = () => {},
    limits: HistoryLimits = HISTORY_LIMITS,
  ) {
    this.#onWriteFailure = onWriteFailure;
    this.#limits = limits;
    this.#root = root;
    this.#workload = workload;
    this.path = makeFolder(`${root}/${workload}/${time.replaceAll(/[:-]/g, "")}`);
    Deno.mkdirSync(`${this.path}/node-logs`);
    this.#journal = new LineFile(`${this.path}/messages.jsonl`, onWriteFailure);
    this.#history = new LineFile(`${this.path}/history.jsonl`, onWriteFailure);
    this.#edn = new LineFile(`${this.path}/history.edn`, onWriteFailure);
  }

  /** Writes `test.json`. */
  describe(description: TestDescription): void {
    this.#write("test.json", `${stringifyJson(description, 2)}\n`);
  }

  /** Appends an event to `messages.jsonl`. */
  journal(event: JournalEvent): void {
    this.#journal.write(this.#journalEncoder.encode(event));
  }

  /** Appends a line to `node-logs/<node>.log`. */
  log(node: string, line: string): void {
    let file = this.#logs.get(node);
    if (file === undefined) {
      const path = `${this.path}/node-logs/${node}.log`;
      this.#logs.set(node, file = new LineFile(path, this.#onWriteFailure, { promptly: true }));
    }
    file.write(line);
  }

  /** Appends a line to `trace.log`. */
  trace(line: string): void {
    this.#trace ??= new LineFile(`${this.path}/trace.log`, this.#onWriteFailure);
    this.#trace.write(line);
  }

  /** Appends an operation to `history.jsonl` and `history.edn`. */
  operation(operation: Operation): void {
    const mayContinue = this.#history.bytes > this.#limits.wholeBytes;
    this.#history.write(...this.#historyLines.pieces(operation, { mayContinue }));
    if (this.#isWithoutEdn) return;
    this.#edn.write(...this.#ednLines.pieces(operation));
    // A part of a history would be mistaken for the whole.
    if (this.#isWithoutEdn) this.#edn.remove();
  }

  /** Whether `history.edn` exceeded its limit, and was removed. */
  get #isWithoutEdn(): boolean {
    return this.#edn.bytes > this.#limits.ednBytes;
  }

  /** The files that were not kept, each with the reason. */
  get notKept(): readonly string[] {
    if (!this.#isWithoutEdn) return [];
    const mebibytes = Math.round(this.#limits.ednBytes / 2 ** 20);
    return [`history.edn exceeded ${mebibytes} MiB; history.jsonl has all operations`];
  }

  /** Writes `schedule.json`, unless the schedule is empty. */
  writeSchedule(schedule: readonly NemesisEvent[]): void {
    if (schedule.length > 0) this.#write("schedule.json", encodeSchedule(schedule));
  }

  /** Writes `states.jsonl`, the changes of the states of simulated nodes, unless it is empty. */
  writeStates(text: string): void {
    if (text !== "") this.#write("states.jsonl", text);
  }

  /** Writes `results.json` and `results.edn`. */
  writeResults(results: Verdict): void {
    this.#write("results.json", `${stringifyJson(plainResults(results), 2)}\n`);
    this.#write("results.edn", writeEdn(results));
  }

  /**
   * Closes the files and links `<root>/latest` and `<root>/<workload>/latest` to this run, except on
   * Windows. A second call does nothing.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#journal.close();
    this.#history.close();
    this.#edn.close();
    this.#trace?.close();
    for (const file of this.#logs.values()) file.close();
    // Windows lets only administrators make links.
    if (Deno.build.os === "windows") return;
    const name = this.path.slice(this.path.lastIndexOf("/") + 1);
    replaceLink(`${this.#root}/latest`, `${this.#workload}/${name}`);
    replaceLink(`${this.#root}/${this.#workload}/latest`, name);
  }

  #write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${name}`, text);
  }
}

/** Makes a folder; appends a number to its name if that name is taken. */
function makeFolder(path: string): string {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  for (let attempt = 1;; attempt++) {
    const folder = attempt === 1 ? path : `${path}-${attempt}`;
    try {
      Deno.mkdirSync(folder);
      return folder;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/** Replaces a link atomically, since other runs may end at the same time. */
function replaceLink(link: string, target: string): void {
  const fresh = `${link}.${Deno.pid}`;
  Deno.symlinkSync(target, fresh, { type: "dir" });
  Deno.renameSync(fresh, link);
}
