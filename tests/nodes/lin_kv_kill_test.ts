/**
 * Kills all processes of a cluster at once, with SIGKILL, again and again: nothing that was
 * acknowledged is lost. `RAFT_KILLS=20` runs as many rounds; the default is quick.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { nodeIds } from "../../lib/workload/mod.ts";
import { runProcessTest } from "../support/run_process_test.ts";

const ROUNDS = Number(Deno.env.get("RAFT_KILLS") ?? 2);
/** A round: processes start, elect, serve, and are killed. */
const ROUND_MS = 4000;
const DOWN_MS = 200;

Deno.test(`registers on Raft survive ${ROUNDS} kills of all processes`, async () => {
  const nodes = nodeIds(3);
  const plan = { nodes };
  const schedule = Array.from({ length: ROUNDS }, (_, round) => [
    { at: (round + 1) * ROUND_MS, f: "start-kill", value: "all", plan },
    { at: (round + 1) * ROUND_MS + DOWN_MS, f: "stop-kill", value: null, plan: null },
  ]).flat();
  const { results, record } = await runProcessTest({
    bin: "nodes/lin_kv.ts",
    args: ["--strategy", "raft"],
    nodeCount: nodes.length,
    options: {
      workload: "lin-kv",
      concurrency: 2 * nodes.length,
      timeLimitSeconds: (ROUNDS + 1) * ROUND_MS / 1000,
      ratePerSecond: 40,
    },
    quiescenceMs: 0,
    schedule,
  });
  assertEquals(results["valid?"], true, JSON.stringify(results.workload));
  const kills = record.history.filter(({ f, value }) => f === "start-kill" && value !== "all");
  assertEquals(kills.length, ROUNDS);
  // Clients were served after the last kill as well.
  const last = Math.max(...kills.map(({ time }) => time));
  assert(record.history.some(({ type, f, time }) => type === "ok" && f === "write" && time > last));
});
