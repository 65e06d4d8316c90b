import { assert, assertAlmostEquals, assertEquals } from "std/testing";
import { DEFAULT_OPTIONS, nodeIds } from "../../lib/workload/mod.ts";
import { measureVariant } from "../../tasks/compare/broadcast.ts";
import { VARIANTS } from "../../tasks/compare/broadcast_variants.ts";
import {
  batchMessages,
  type BroadcastWork,
  floodMessages,
  hubMessages,
  meshMessages,
  plumtreeMessages,
  retryMessages,
  treeMessages,
} from "../../tasks/compare/broadcast_model.ts";
import { lowerBoundPerOperation } from "../../tasks/compare/broadcast_lower_bound.ts";
import {
  busyPeriods,
  standaloneAcksPerSecond,
  throttledRate,
} from "../../tasks/compare/busy_periods.ts";

/** 25 nodes on a grid; 2,000 operations in 20 s, half of them writes. */
const work: BroadcastWork = {
  nodes: nodeIds(25),
  topology: "grid",
  minLatencyMs: 100,
  operations: 2000,
  values: 1000,
  durationSeconds: 20,
};
const busy = { ...work, operations: 2_000_000, values: 1_000_000 };
const silent = { ...work, values: 0 };

Deno.test("the model of flooding sends 2 × 40 − 24 messages per value on a grid of 5 × 5", () => {
  assertEquals(floodMessages(work) / work.values, 56);
  assertEquals(floodMessages({ ...work, topology: "line" }) / work.values, 24);
});

Deno.test("the models predict no stand-alone acknowledgements under load, and one per message when idle", () => {
  assertAlmostEquals(retryMessages(busy) / floodMessages(busy), 1, 1e-3);
  assertAlmostEquals(treeMessages(busy) / busy.values, 24, 1e-2);
  const rare = { ...work, operations: 2, values: 1 };
  assertAlmostEquals(retryMessages(rare) / floodMessages(rare), 2, 0.1);
  assertAlmostEquals(treeMessages(rare) / rare.values, 48, 2);
});

Deno.test("the models of periodic strategies send one message per interval, and none without values", () => {
  // Slightly more than one interval per message, since values arrive at random times.
  assertAlmostEquals(batchMessages(busy, { intervalSeconds: 0.1 }) / (2 * 40 * 200), 1, 0.05);
  const manyIntervals = { ...busy, durationSeconds: 20_000 };
  assertAlmostEquals(
    hubMessages(manyIntervals, { intervalSeconds: 1 }) / (2 * 24 * 20_000),
    1,
    0.05,
  );
  for (const messages of [batchMessages, hubMessages, meshMessages, plumtreeMessages]) {
    assertEquals(messages(silent, { intervalSeconds: 1 }), 0);
  }
});

Deno.test("the models send a message and an acknowledgement per value when values are rare", () => {
  const rare = { ...work, operations: 20, values: 10, durationSeconds: 2000 };
  const crossings = floodMessages(rare);
  assertAlmostEquals(batchMessages(rare, { intervalSeconds: 0.1 }) / crossings, 2, 0.02);
  // Per push of a mesh: two IHAVE messages and two acknowledgements.
  assertAlmostEquals(meshMessages(rare, { intervalSeconds: 4 }) / rare.values, 24 * (1 + 4), 1);
});

Deno.test("busy periods end with a pause at low rates and reach the maximum length at high rates", () => {
  const limits = { quietSeconds: 0.1, maxSeconds: 1 };
  const rare = busyPeriods({ arrivalRate: 0.01, ...limits });
  assertAlmostEquals(rare.perSecond, 0.01, 1e-4);
  assertAlmostEquals(rare.endedByPause, 1, 1e-3);
  const frequent = busyPeriods({ arrivalRate: 1000, ...limits });
  assertAlmostEquals(frequent.perSecond, 1, 1e-2);
  assertAlmostEquals(frequent.reachedMax, 1, 1e-3);
  assertAlmostEquals(standaloneAcksPerSecond(1000, 1000, limits), 0, 1e-3);
  assertEquals([standaloneAcksPerSecond(0, 1, limits), throttledRate(0, 1)], [0, 0]);
});

Deno.test("the lower bound falls as the maximum latency grows", () => {
  const bounds = [99, 100, 500, 2000].map((latency) => lowerBoundPerOperation(work, latency));
  assertEquals(bounds.toSorted((a, b) => b - a), bounds);
  // A relayed value would be late, so nearly every value is sent from its origin to every node.
  assert(bounds[0] !== undefined && bounds[0] > 9 && bounds[0] < 12);
  // Each of the 25 nodes receives a message at the latest 500 ms after a value.
  assertAlmostEquals(bounds[2] as number, 25 * 20 / (0.5 + 1 / 48) / 2000, 0.01);
});

Deno.test("the lower bound is zero without reads and without values", () => {
  assertEquals(lowerBoundPerOperation({ ...work, values: work.operations }, 100), 0);
  assertEquals(lowerBoundPerOperation(silent, 100), 0);
});

/** The duration of a run; short, so start and end have a large share in it. */
const DURATION_SECONDS = 6;
/**
 * The maximum ratio of measurement and model. The model ignores a hub's last flush, Plumtree's
 * links that are not pruned yet, and the variance of a run with few values.
 */
const MAX_RATIO = 1.5;

for (const count of [5, 25]) {
  for (const latency of [0, 100]) {
    Deno.test(`${count} nodes at ${latency} ms: measurements exceed the lower bound and match the model`, async () => {
      for (const rate of [10, 30, 100, 300]) {
        for (const variant of VARIANTS) {
          const options = {
            ...DEFAULT_OPTIONS,
            nodes: nodeIds(count),
            concurrency: count,
            ratePerSecond: rate,
            timeLimitSeconds: DURATION_SECONDS,
            latency: { meanMs: latency, distribution: "constant" },
            nemesis: [],
          } as const;
          const row = await measureVariant(variant, options, "sim", 1);
          const measured = row.messagesPerOperation.mean;
          const what = `${row.name} at ${rate}: ${measured}, the model predicts ${row.expected}`;
          assert(measured >= row.floor, `${what}, below the lower bound ${row.floor}`);
          assert(measured < MAX_RATIO * row.expected && row.expected < MAX_RATIO * measured, what);
        }
      }
    });
  }
}
