/**
 * `deno task bench:kafka [--entries N]`: one log node through its pipes. How many sends a second it
 * takes until it holds so many entries (a million), how many polls of a hundred entries it answers
 * then, and what memory it has come to. What the entries alone take is measured in this process, on
 * its heap when all garbage has been collected (`--v8-flags=--expose-gc`).
 *
 * The baseline is the echo node, loaded in the same way right before: what a request costs that
 * asks nothing of the node.
 *
 * Requests are encoded once, before the clock starts, and 4,096 are outstanding at a time.
 *
 * @module
 */

import { parseArgs } from "std/flags";
import { LamportLog, MemoryLog, OwnerLog } from "../lib/protocol/log/mod.ts";
import { print, printError } from "./cli/console.ts";

const NODE = new URL("../nodes/kafka.ts", import.meta.url);
const BASELINE_NODE = new URL("../nodes/echo.ts", import.meta.url);
const OUTSTANDING = 4096;
const KEYS = 1000;
const SINGLE_NODE = { self: 0, count: 1, acks: "one", retain: Infinity } as const;
const POLLS = 100_000;
const ECHOES = 500_000;
const ENTRIES_PER_POLL = 100;
const NEWLINE = 10;
const COLUMN_WIDTH = 15;
const INIT = { type: "init", node_id: "n0", node_ids: ["n0"], msg_id: 0 };

/** The logs of one node that is alone, by strategy; what appends to them. */
const LOGS_BY_STRATEGY: Readonly<Record<string, () => (key: string, message: number) => unknown>> =
  {
    lamport() {
      const log = new LamportLog(SINGLE_NODE);
      return (key, message) => log.append(key, message);
    },
    owner() {
      const log = new OwnerLog(SINGLE_NODE);
      return (key, message) => log.append(key, message);
    },
    single() {
      const log = new MemoryLog({ perKey: Infinity, perPoll: Infinity }, Infinity);
      return (key, message) => log.send(key, message);
    },
  };

const encoder = new TextEncoder();

/** A node that runs, loaded with one request after the other. */
class LoadedNode {
  readonly #child: Deno.ChildProcess;
  readonly #to: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #from: ReadableStreamDefaultReader<Uint8Array>;

  constructor(program: URL, args: readonly string[] = []) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", program.pathname, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#to = this.#child.stdin.getWriter();
    this.#from = this.#child.stdout.getReader();
  }

  /** Makes all requests; returns how many it answered in a second. */
  async load(bodies: Iterable<unknown>): Promise<number> {
    const blocks = [...encode(bodies)];
    const begun = performance.now();
    let requests = 0;
    for (const { bytes, count } of blocks) {
      // One block is written while the one before it is answered.
      const written = this.#to.write(bytes);
      await this.#answers(count);
      await written;
      requests += count;
    }
    const seconds = (performance.now() - begun) / 1000;
    return requests / seconds;
  }

  /** The memory that the process has, in bytes. */
  async memory(): Promise<number> {
    const args = ["-o", "rss=", "-p", String(this.#child.pid)];
    const { stdout } = await new Deno.Command("ps", { args }).output();
    return Number(new TextDecoder().decode(stdout)) * 1024;
  }

  async stop(): Promise<void> {
    await this.#to.close();
    await this.#from.cancel();
    await this.#child.status;
  }

  async #answers(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      const { value } = await this.#from.read();
      if (value === undefined) throw new Error("the node ended");
      for (let at = value.indexOf(NEWLINE); at >= 0; at = value.indexOf(NEWLINE, at + 1)) left--;
    }
  }
}

/** Requests as bytes, as many at a time as may be outstanding. */
function* encode(bodies: Iterable<unknown>) {
  let lines: string[] = [];
  const block = () => {
    const bytes = encoder.encode(lines.join(""));
    const count = lines.length;
    lines = [];
    return { bytes, count };
  };
  for (const body of bodies) {
    lines.push(`${JSON.stringify({ src: "c1", dest: "n0", body })}\n`);
    if (lines.length === OUTSTANDING) yield block();
  }
  if (lines.length > 0) yield block();
}

function* sends(entries: number) {
  for (let entry = 0; entry < entries; entry++) {
    yield { type: "send", key: `k${entry % KEYS}`, msg: entry, msg_id: entry + 1 };
  }
}

function* polls(entries: number) {
  const most = Math.max(1, Math.floor(entries / KEYS) - ENTRIES_PER_POLL);
  for (let poll = 0; poll < POLLS; poll++) {
    const offsets = { [`k${poll % KEYS}`]: (poll * 7919) % most };
    yield { type: "poll", offsets, msg_id: poll + 1 };
  }
}

function* echoes() {
  for (let echo = 0; echo < ECHOES; echo++) yield { type: "echo", echo, msg_id: echo + 1 };
}

/** How many echoes a second go through a pipe. */
async function measureBaseline(): Promise<number> {
  const node = new LoadedNode(BASELINE_NODE);
  try {
    await node.load([INIT]);
    return await node.load(echoes());
  } finally {
    await node.stop();
  }
}

async function measure(strategy: string, entries: number): Promise<string> {
  const baseline = await measureBaseline();
  const node = new LoadedNode(NODE, [
    "--strategy",
    strategy,
    "--per-key",
    String(ENTRIES_PER_POLL),
  ]);
  try {
    await node.load([INIT]);
    const sent = await node.load(sends(entries));
    const memory = await node.memory();
    const polled = await node.load(polls(entries));
    const cells = [
      `${rounded(baseline)}/s`,
      `${rounded(sent)}/s`,
      `${(sent / baseline).toFixed(2)}`,
      `${rounded(polled)}/s`,
      `${(polled / baseline).toFixed(2)}`,
      `${rounded(polled * ENTRIES_PER_POLL)}/s`,
      `${rounded(memory / 2 ** 20)} MB`,
      `${bytesPerEntry(strategy, entries).toFixed(1)} B`,
    ];
    return `${strategy.padEnd(12)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join("")}`;
  } finally {
    await node.stop();
  }
}

/** What an entry takes on the heap, beside its message if that is an object. */
function bytesPerEntry(strategy: string, entries: number): number {
  const before = heap();
  const append = LOGS_BY_STRATEGY[strategy]?.();
  for (let entry = 0; entry < entries; entry++) append?.(`k${entry % KEYS}`, entry);
  const bytes = heap() - before;
  // What is still used cannot have been collected.
  append?.("k0", 0);
  return bytes / entries;
}

function heap(): number {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  return Deno.memoryUsage().heapUsed;
}

function rounded(figure: number): string {
  return Math.round(figure).toLocaleString("en");
}

if (import.meta.main) {
  const { entries: given = "1000000", _: strangers } = parseArgs(Deno.args, {
    string: ["entries"],
  });
  const entries = Number(given);
  if (strangers.length > 0 || !Number.isSafeInteger(entries) || entries < 1) {
    printError("bench:kafka takes --entries N, an integer from 1.");
    Deno.exit(254);
  }
  const heads = [
    "echoes",
    "sends",
    "÷ echoes",
    "polls",
    "÷ echoes",
    "polled entries",
    "memory",
    "per entry",
  ];
  print(`${"strategy".padEnd(12)}${heads.map((head) => head.padStart(COLUMN_WIDTH)).join("")}`);
  for (const strategy of Object.keys(LOGS_BY_STRATEGY)) print(await measure(strategy, entries));
  print(
    `\nOne node, ${rounded(entries)} entries of a small integer under ${
      rounded(KEYS)
    } keys, polls ` +
      `of ${ENTRIES_PER_POLL} entries,\n${
        rounded(OUTSTANDING)
      } requests outstanding. Memory is what the ` +
      "process has after the last send, garbage\nincluded; per entry is what the log itself takes.",
  );
}
