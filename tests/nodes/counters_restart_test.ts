/**
 * Counters that keep their additions in a store: a node that was killed restores them.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { type Json, type Node, type NodeProgram, type RpcOptions } from "../../lib/node/mod.ts";
import { simulate } from "../../lib/workbench/mod.ts";
import { workloads } from "../../lib/workload/mod.ts";
import gCounter from "../../nodes/g_counter.ts";
import pnCounter from "../../nodes/pn_counter.ts";
import { replaced } from "../support/replaced.ts";

const KILL_MS = 5000;
/** Strategy `seq-kv` acknowledges an addition up to an interval (300 ms) before it writes it. */
const MAX_WRITE_DELAY_MS = 600;

interface Restart {
  readonly program: NodeProgram;
  readonly strategy: string;
  readonly killed: readonly string[];
  readonly seed: number;
}

/**
 * Kills nodes and restarts them. Returns the number of final reads, and by how much the lowest of
 * them falls short of the additions that were written: 0 for a correct node.
 */
async function runRestart({ program, strategy, killed, seed }: Restart) {
  const { history } = await simulate(program, workloads.gCounter, {
    args: ["--strategy", strategy],
    seed,
    nodes: 3,
    ratePerSecond: 50,
    timeLimitSeconds: 8,
    async script({ at, sleep, kill, restart }) {
      await at(KILL_MS);
      await kill(...killed);
      await sleep(200);
      await restart();
    },
  });
  const acknowledged = history.filter(({ f, type }) => f === "add" && type === "ok");
  const durable = acknowledged.filter(({ time }) => {
    const timeMs = time / 1e6;
    return timeMs < KILL_MS - MAX_WRITE_DELAY_MS || timeMs > KILL_MS;
  });
  const expected = durable.reduce((sum, { value }) => sum + Number(value), 0);
  const reads = history.filter(({ f, type, final }) => f === "read" && type === "ok" && final);
  return {
    reads: reads.length,
    missing: Math.max(0, ...reads.map(({ value }) => expected - Number(value))),
  };
}

/** The node's own total reads as missing, which a restart depends on, and is then overwritten. */
function forgetOwnTotal(node: Node): Node {
  const { seq } = node.kv;
  const readOr = <T extends Json>(key: Json, missing: T, options?: RpcOptions) =>
    key === node.id ? Promise.resolve(missing) : seq.readOr(key, missing, options);
  const create = (key: Json, value: Json, options?: RpcOptions) => seq.write(key, value, options);
  return replaced(node, { kv: { ...node.kv, seq: replaced(seq, { readOr, create }) } });
}

/** The total is written whatever the store has, as if no write took effect after its timeout. */
function overwriteTotal(node: Node): Node {
  const { seq } = node.kv;
  const cas = (key: Json, _from: Json, to: Json, options?: RpcOptions) =>
    seq.write(key, to, options);
  return replaced(node, { kv: { ...node.kv, seq: replaced(seq, { cas }) } });
}

/** Plants a fault into the node that a program receives. */
function planted({ start, ...definition }: NodeProgram, fault: (node: Node) => Node): NodeProgram {
  return Object.assign(() => {}, definition, {
    start: (node: Node, flags: never) => start?.(fault(node), flags),
  });
}

for (const strategy of ["seq-kv", "cas"]) {
  for (const killed of [["n0"], ["n0", "n1", "n2"]]) {
    Deno.test(`${strategy}: restarted nodes count all written additions, after a kill of ${killed.join(", ")}`, async () => {
      for (let seed = 0; seed < 5; seed++) {
        for (const program of [gCounter, pnCounter]) {
          const run = await runRestart({ program, strategy, killed, seed });
          assertEquals(run, { reads: 3, missing: 0 }, `seed ${seed}`);
        }
      }
    });
  }
}

for (const killed of [["n0"], ["n0", "n1", "n2"]]) {
  Deno.test(`a planted fault is found: restarted seq-kv counters forget their additions, ${killed.length} killed`, async () => {
    for (let seed = 0; seed < 5; seed++) {
      const program = planted(gCounter, forgetOwnTotal);
      const { missing } = await runRestart({ program, strategy: "seq-kv", killed, seed });
      assert(missing > 0, `seed ${seed}`);
    }
  });
}

/** Runs a counter on a slow store; returns whether each run is valid. */
function runOnSlowStore(program: NodeProgram, strategy: string): Promise<boolean[]> {
  return Promise.all(Array.from({ length: 60 }, async (_, seed) => {
    const { verdict } = await simulate(program, workloads.pnCounter, {
      args: ["--strategy", strategy],
      seed,
      nodes: 3,
      ratePerSecond: 10,
      timeLimitSeconds: 10,
      faults: ["slow-services"],
      nemesisIntervalSeconds: 1,
    });
    return verdict["valid?"] === true;
  }));
}

for (const strategy of ["seq-kv", "cas"]) {
  Deno.test(`${strategy}: requests that take effect long after their timeout do no harm`, async () => {
    assertEquals((await runOnSlowStore(pnCounter, strategy)).indexOf(false), -1);
  });
}

Deno.test("a planted fault is found: a late write replaces a newer total", async () => {
  const valid = await runOnSlowStore(planted(pnCounter, overwriteTotal), "seq-kv");
  assert(valid.includes(false));
});
