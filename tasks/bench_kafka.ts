/**
 * `deno task bench:kafka`: throughput and memory of one log node through its pipes. Measures sends
 * per second until the log holds a number of entries, then polls per second of 100 entries each,
 * and the resident memory. The memory per entry is measured in this process: the heap after a full
 * garbage collection (`--v8-flags=--expose-gc`).
 *
 * The baseline is the echo node under the same load, measured right before: the cost of a request
 * without work in the node.
 *
 * The load is closed-loop with 4,096 requests outstanding. Requests are encoded before the clock
 * starts.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { flag } from "../lib/base/mod.ts";
import { type LogSource, MemoryLog, OwnerLog, type Place } from "../lib/protocol/log/mod.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";

const NODE = new URL("../nodes/kafka.ts", import.meta.url);
const BASELINE_NODE = new URL("../nodes/echo.ts", import.meta.url);
const OUTSTANDING = 4096;
const KEYS = 1000;
const SINGLE_NODE = { self: 0, count: 1 } as const;
const POLLS = 100_000;
const ECHOES = 500_000;
const ENTRIES_PER_POLL = 100;
const NEWLINE = 10;
const COLUMN_WIDTH = 15;
const INIT = { type: "init", node_id: "n0", node_ids: ["n0"], msg_id: 0 };

/** The strategy that is not in `lib/protocol/`, but in the node itself. */
const { LamportLog }: { readonly LamportLog: new (place: Place) => LogSource } = await import(
  NODE.href
);

/** Creates the log of a single node, by strategy; returns its append function. */
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
      const log = new MemoryLog(Infinity);
      return (key, message) => log.send(key, message);
    },
  };

const encoder = new TextEncoder();

/** A running node under closed-loop load. */
class LoadedNode {
  readonly #child: Deno.ChildProcess;
  readonly #to: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #from: ReadableStreamDefaultReader<Uint8Array>;

  constructor(program: URL, args: readonly string[] = []) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", fileURLToPath(program), ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#to = this.#child.stdin.getWriter();
    this.#from = this.#child.stdout.getReader();
  }

  /** Sends all requests; returns the replies per second. */
  async load(bodies: Iterable<unknown>): Promise<number> {
    const blocks = [...encode(bodies)];
    const startedAt = performance.now();
    let requests = 0;
    for (const { bytes, count } of blocks) {
      // Writes while it reads, since the node replies before it has read the whole block.
      const written = this.#to.write(bytes);
      await this.#readReplies(count);
      await written;
      requests += count;
    }
    const seconds = (performance.now() - startedAt) / 1000;
    return requests / seconds;
  }

  /** Returns the resident memory of the process in bytes. */
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

  async #readReplies(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      const { value } = await this.#from.read();
      if (value === undefined) throw new Error("the node exited before it replied to all requests");
      for (let at = value.indexOf(NEWLINE); at >= 0; at = value.indexOf(NEWLINE, at + 1)) left--;
    }
  }
}

/** Encodes requests into blocks of {@link OUTSTANDING} requests. */
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
  const maxOffset = Math.max(1, Math.floor(entries / KEYS) - ENTRIES_PER_POLL);
  for (let poll = 0; poll < POLLS; poll++) {
    const offsets = { [`k${poll % KEYS}`]: (poll * 7919) % maxOffset };
    yield { type: "poll", offsets, msg_id: poll + 1 };
  }
}

function* echoes() {
  for (let echo = 0; echo < ECHOES; echo++) yield { type: "echo", echo, msg_id: echo + 1 };
}

/** Returns the echoes per second of the baseline. */
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

/** Returns the heap bytes per entry, without the entry's message if that is an object. */
function bytesPerEntry(strategy: string, entries: number): number {
  const before = heap();
  const append = LOGS_BY_STRATEGY[strategy]?.();
  for (let entry = 0; entry < entries; entry++) append?.(`k${entry % KEYS}`, entry);
  const bytes = heap() - before;
  // Uses the log once more, so that it is not collected before the measurement.
  append?.("k0", 0);
  return bytes / entries;
}

function heap(): number {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  return Deno.memoryUsage().heapUsed;
}

function rounded(value: number): string {
  return Math.round(value).toLocaleString("en");
}

const USAGE = `deno task bench:kafka [flags]

Measures the throughput and memory of nodes/kafka.ts on one node, beside the
echo node. Flags (defaults in brackets):
`;

/** The flags of bench:kafka. */
export const benchFlags = {
  entries: flag.number({
    placeholder: "N",
    help: "entries that the log holds in the end",
    default: 1_000_000,
    min: 1,
    integer: true,
  }),
  help: flag.help,
} as const;

const HEADS = [
  "echoes",
  "sends",
  "÷ echoes",
  "polls",
  "÷ echoes",
  "polled entries",
  "memory",
  "per entry",
];

async function run(entries: number): Promise<void> {
  print(`${"strategy".padEnd(12)}${HEADS.map((head) => head.padStart(COLUMN_WIDTH)).join("")}`);
  for (const strategy of Object.keys(LOGS_BY_STRATEGY)) print(await measure(strategy, entries));
  print(
    `\nOne node, ${rounded(entries)} entries of a small integer under ${
      rounded(KEYS)
    } keys, polls ` +
      `of ${ENTRIES_PER_POLL} entries,\n${
        rounded(OUTSTANDING)
      } requests outstanding. memory: resident ` +
      "memory after the last send, garbage included.\nper entry: heap of the log itself.",
  );
}

if (import.meta.main) {
  Deno.exit(await runBenchmark(USAGE, benchFlags, ({ entries }) => run(entries)));
}
