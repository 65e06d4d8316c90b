/**
 * A fleet under faults: of three workers one is killed and one frozen while it has a lease, and the
 * server is killed and started again. The result must be that of one process without a fleet.
 *
 * As a program it runs the number of seeds in its argument:
 *
 *     deno run --allow-read --allow-write --allow-run --allow-env tests/support/fleet_chaos.ts 20000
 *
 * @module
 */

import { assertEquals } from "std/testing";
import {
  type Collected,
  endAll,
  reportLines,
  seedLines,
  startTask,
  startWorker,
  until,
} from "./fleet.ts";
import { type NatsServer, withNatsServer } from "./nats_server.ts";

/** A broadcast that never retransmits: a planted fault. */
const FAULTY = "tests/support/explore_nodes/fire_and_forget_broadcast.ts";

/** What happened in a run. */
export interface Chaos {
  /** The starter's output. */
  readonly output: string;
  /** The number of different failures, and of cases that workers have shrunk. */
  readonly failures: number;
  readonly shrunk: number;
}

/** Runs a number of seeds on a fleet under faults and compares the result; throws if it differs. */
export async function runChaos(server: NatsServer, seeds: number): Promise<Chaos> {
  const { folder, url } = server;
  const args = (name: string) => [
    ...["broadcast", "--bin", FAULTY, "--nemesis", "loss,partition", "--seeds", `${seeds}`],
    ...["--time-limit", "1", "--rate", "20", "--shrink-runs", "20", "--store", folder],
    ...["--report", `${folder}/${name}.jsonl`],
  ];
  const processes: Collected[] = [];
  const start = (starting: Collected) => (processes.push(starting), starting);
  try {
    const [one, two, three] = [
      start(await startWorker(url)),
      start(await startWorker(url)),
      start(await startWorker(url)),
    ];
    const starter = start(startTask("explore", [...args("fleet"), "--fleet", url]));
    const reached = (share: number) =>
      until(() => seedLines(`${folder}/fleet.jsonl`).length >= seeds * share, starter);
    await reached(0.1);
    one.process.kill("SIGKILL");
    two.process.kill("SIGSTOP");
    await reached(0.2);
    await server.stop("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await server.start();
    // The ranges of the first two workers hold the report up until their leases have ended.
    await reached(0.8);
    two.process.kill("SIGCONT");
    const { code, output } = await starter.ended;
    assertEquals(code, 1, output);
    const local = start(startTask("explore", [...args("local"), "--keep-going"]));
    assertEquals((await local.ended).code, 1);
    assertEquals(seedLines(`${folder}/fleet.jsonl`), seedLines(`${folder}/local.jsonl`));
    const failuresOf = (name: string) =>
      reportLines(`${folder}/${name}.jsonl`).filter((line) => line.startsWith('{"shrunk":'))
        .map((line) => JSON.stringify(JSON.parse(line).shrunk.failure)).sort();
    assertEquals(failuresOf("fleet"), failuresOf("local"));
    assertEquals(new Set(failuresOf("fleet")).size, failuresOf("fleet").length);
    const logs = [one, two, three].map(({ output }) => output());
    const shrunk = logs.flatMap((log) => log.match(/^shrunk seed .*$/gm) ?? []);
    return { output, failures: failuresOf("fleet").length, shrunk: shrunk.length };
  } finally {
    await endAll(processes);
  }
}

if (import.meta.main) {
  const seeds = Number(Deno.args[0]);
  await withNatsServer(async (server) => {
    const { output, failures, shrunk } = await runChaos(server, seeds);
    await Deno.stdout.write(new TextEncoder().encode(
      `${output}\n${seeds} seeds are those of one process; ${failures} failures, ${shrunk} shrunk\n`,
    ));
  });
}
