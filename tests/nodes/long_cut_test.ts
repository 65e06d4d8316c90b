/**
 * The bytes that nodes send while a partition lasts, and when it heals.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { involvesClient, type Message } from "../../lib/wire/mod.ts";
import { simulate } from "../../lib/workbench/mod.ts";
import { type Workload, workloads } from "../../lib/workload/mod.ts";
import gCounter from "../../nodes/g_counter.ts";
import gSet from "../../nodes/g_set.ts";
import pnCounter from "../../nodes/pn_counter.ts";

const CUT_MS = 5000;
/** Long enough for nodes to notice the heal and to catch up. */
const HEAL_MS = 3000;

const lengthOf = (value: unknown) => JSON.stringify(value).length;
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/**
 * Isolates n0 of three nodes, at 50 requests a second. Returns the bytes of what clients added
 * meanwhile, and of the messages and deltas that were sent between n0 and the other nodes until they
 * had caught up.
 */
async function bytesOf(
  program: NodeFunction,
  workload: Workload,
  seconds: number,
  args: readonly string[] = [],
) {
  const healMs = CUT_MS + 1000 * seconds;
  const { history, journal, results } = await simulate(program, workload, {
    args,
    nodes: 3,
    ratePerSecond: 50,
    timeLimitSeconds: seconds + 10,
    async script({ at, partition, heal }) {
      await at(CUT_MS);
      await partition("n0", ["n1", "n2"]);
      await at(healMs);
      await heal();
    },
  });
  assertEquals(results["valid?"], true);
  const isBetween = (time: number, endMs: number) => time >= 1e6 * CUT_MS && time < 1e6 * endMs;
  const sent = journal.flatMap(({ type, time, message }) => {
    const isAcross = message.src === "n0" || message.dest === "n0";
    const counts = type === "send" && isAcross && !involvesClient(message);
    return counts && isBetween(time, healMs + HEAL_MS) ? [message as Message] : [];
  });
  const added = history.flatMap(({ f, type, time, value }) =>
    f === "add" && type === "ok" && isBetween(time, healMs) ? [value] : []
  );
  return {
    added: sum(added.map(lengthOf)),
    messages: sum(sent.map(lengthOf)),
    deltas: sum(sent.map(({ body }) => "delta" in body ? lengthOf(body.delta) : 0)),
  };
}

const programs: readonly (readonly [string, NodeFunction, Workload])[] = [
  ["g-set", gSet, workloads.gSet],
  ["g-counter", gCounter, workloads.gCounter],
  ["pn-counter", pnCounter, workloads.pnCounter],
];

for (const [name, program, workload] of programs) {
  Deno.test(`${name}: a cut of 120 s costs twice one of 60 s, and three times what was added`, async () => {
    const short = await bytesOf(program, workload, 60);
    const long = await bytesOf(program, workload, 120);
    const text = JSON.stringify({ short, long });
    assert(long.messages < 2.1 * short.messages, text);
    assert(long.deltas < 3 * long.added, text);
  });
}

Deno.test("a planted fault is found: nodes that never suspect a peer send everything again", async () => {
  const args = ["--max-timeouts", "1000000"];
  const short = await bytesOf(gSet, workloads.gSet, 30, args);
  const long = await bytesOf(gSet, workloads.gSet, 60, args);
  assert(long.messages > 3 * short.messages, JSON.stringify({ short, long }));
  assert(long.deltas > 3 * long.added, JSON.stringify(long));
});
