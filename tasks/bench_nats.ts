/**
 * `deno task bench:nats`: nodes on NATS beside nodes behind pipes, in the same run.
 *
 * First round trips of one echo node, whose client keeps a number of requests outstanding: through
 * pipes, by messages over NATS, and by requests of NATS. Then whole tests by both engines, with
 * workers that never wait: operations a second and their median latency.
 *
 * @module
 */

import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { flag } from "../lib/base/mod.ts";
import { Subjects } from "../lib/transport/nats/subjects.ts";
import { type NatsServer, startNatsServer } from "../lib/workbench/nats/nats_server.ts";
import { NatsEngine } from "../lib/workbench/nats/nats_engine.ts";
import { type Engine, ProcessEngine, runTest, Watchdog } from "../lib/workbench/mod.ts";
import { completeOptions, findWorkload, nodeIds, type Workload } from "../lib/workload/mod.ts";
import { EchoLoad } from "./bench/echo_load.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";

const OUTSTANDING = [1, 64];
const NODES = nodeIds(3);
const WORKERS = 12;
const WARM_UP_MS = 400;
const START_TIMEOUT_MS = 10_000;
const LABEL_WIDTH = 34;
const FIGURE_WIDTH = 14;
/** More than any node answers, so that a worker never waits. */
const UNLIMITED_RATE = 1e6;
const CASES = [
  { workload: "echo", bin: "nodes/echo.ts" },
  { workload: "lin-kv", bin: "nodes/lin_kv.ts" },
  { workload: "broadcast", bin: "nodes/broadcast.ts" },
];

/** The flags of bench:nats. */
export const benchFlags = {
  seconds: flag.number({
    placeholder: "S",
    help: "length of each measurement",
    default: 4,
    min: 1,
  }),
  help: flag.help,
} as const;

const USAGE = `deno task bench:nats [--seconds S]

Measures round trips and operations a second of nodes on NATS, beside nodes
behind pipes. Starts a nats-server on this machine. Exit codes: 0 measured,
1 failed, 254 invalid arguments. Flags (defaults in brackets):
`;

function printRow(label: string, ...figures: (number | string)[]): void {
  const cells = figures.map((figure) =>
    (typeof figure === "number" ? Math.round(figure).toLocaleString("en") : figure)
      .padStart(FIGURE_WIDTH)
  );
  print(label.padEnd(LABEL_WIDTH) + cells.join(""));
}

/** Calls `send` so that a number of calls are outstanding; returns calls a second. */
async function measure(
  send: () => Promise<unknown>,
  outstanding: number,
  durationMs: number,
): Promise<number> {
  let count = 0;
  const startMs = performance.now() + WARM_UP_MS;
  const endMs = startMs + durationMs;
  await Promise.all(Array.from({ length: outstanding }, async () => {
    while (performance.now() < endMs) {
      await send();
      if (performance.now() >= startMs) count++;
    }
  }));
  return count / durationMs * 1000;
}

async function measurePipes(durationMs: number): Promise<number[]> {
  const figures: number[] = [];
  for (const outstanding of OUTSTANDING) {
    const load = await EchoLoad.start([Deno.execPath(), "run", "--quiet", "nodes/echo.ts"]);
    try {
      figures.push(await load.measure(outstanding, durationMs));
    } finally {
      await load.stop();
    }
  }
  return figures;
}

/** Measures messages and requests to an echo node on a server. */
async function measureNats(
  server: NatsServer,
  subjects: Subjects,
  durationMs: number,
): Promise<{ messages: number[]; calls: number[] }> {
  const creds = server.seedFiles.get("n0") as string;
  const host = new URL(server.url).host;
  const node = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", `--allow-net=${host}`, `--allow-read=${creds}`, "nodes/echo.ts"],
      ...["--transport", server.url, "--creds", creds, "--cluster", subjects.cluster],
      ...["--node-id", "n0", "--nodes", "n0"],
    ],
    stdin: "null",
    stderr: "null",
  }).spawn();
  const connection = await connect({
    servers: host,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(server.seed)),
    noAsyncTraces: true,
  });
  try {
    const call = () => connection.request(subjects.call("n0"), '{"type":"echo","echo":"hi"}');
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!await call().then(() => true, () => false)) {
      if (performance.now() > deadlineMs) throw new Error("the node on NATS did not start");
    }
    const waiting = new Map<number, () => void>();
    connection.subscribe(subjects.messagesTo("c1"), {
      callback: (_, message) => {
        const { body } = message.json<{ body: { in_reply_to: number } }>();
        waiting.get(body.in_reply_to)?.();
        waiting.delete(body.in_reply_to);
      },
    });
    const subject = subjects.message("n0", "c1");
    let id = 0;
    const send = () =>
      new Promise<void>((resolve) => {
        waiting.set(++id, resolve);
        const body = { type: "echo", echo: `Please echo ${id}`, msg_id: id };
        connection.publish(subject, JSON.stringify({ src: "c1", dest: "n0", body }));
      });
    const messages: number[] = [];
    const calls: number[] = [];
    for (const outstanding of OUTSTANDING) {
      messages.push(await measure(send, outstanding, durationMs));
      calls.push(await measure(call, outstanding, durationMs));
    }
    return { messages, calls };
  } finally {
    await connection.close();
    node.kill("SIGTERM");
    await node.status;
  }
}

/** Runs a test; returns its successful operations a second and their median latency in ms. */
async function measureTest(
  workload: Workload,
  engine: Engine,
  seconds: number,
): Promise<{ perSecond: number; medianMs: number }> {
  // The final reads are not measured.
  const { finalGenerator: _, ...main } = workload;
  const { history } = await runTest({
    engine,
    workload: main,
    options: completeOptions(workload, {
      nodes: NODES,
      concurrency: WORKERS,
      timeLimitSeconds: seconds,
      ratePerSecond: UNLIMITED_RATE,
      seed: "bench",
    }),
    journal: () => {},
    log: () => {},
    signal: new AbortController().signal,
  });
  const latencies: number[] = [];
  const invokedAt = new Map<unknown, number>();
  for (const { type, process, time } of history) {
    const start = invokedAt.get(process);
    if (type === "invoke") invokedAt.set(process, time);
    else if (type !== "info" && start !== undefined) latencies.push((time - start) / 1e6);
  }
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / seconds,
    medianMs: latencies[latencies.length >> 1] ?? NaN,
  };
}

async function bench({ seconds }: { readonly seconds: number }): Promise<void> {
  const durationMs = seconds * 1000;
  const subjects = new Subjects("bench");
  const watchdog = new Watchdog();
  const server = await startNatsServer(new Map([["n0", subjects.permissions("n0")]]), watchdog);
  printRow("echo, round trips a second", ...OUTSTANDING.map((count) => `${count} at a time`));
  try {
    printRow("pipes", ...await measurePipes(durationMs));
    const { messages, calls } = await measureNats(server, subjects, durationMs);
    printRow("NATS, messages", ...messages);
    printRow("NATS, requests", ...calls);
  } finally {
    await server.stop();
    await watchdog.close();
  }
  print("");
  printRow(
    `tests, ${NODES.length} nodes, ${WORKERS} workers`,
    ...["process: op/s", "median ms", "nats: op/s", "median ms"],
  );
  for (const { workload: name, bin } of CASES) {
    const workload = findWorkload(name) as Workload;
    const process = await measureTest(workload, new ProcessEngine(bin), seconds);
    const engine = new NatsEngine({
      nodes: NODES,
      program: { bin, args: [] },
      cluster: `bench-${name}`,
      server: undefined,
    });
    const nats = await measureTest(workload, engine, seconds);
    printRow(
      name,
      ...[process, nats].flatMap((run) => [run.perSecond, run.medianMs.toFixed(2)]),
    );
  }
}

if (import.meta.main) Deno.exit(await runBenchmark(USAGE, benchFlags, bench));
