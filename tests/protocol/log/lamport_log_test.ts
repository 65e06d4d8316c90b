import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import type { Json } from "../../../lib/node/mod.ts";
import type { Entry } from "../../../lib/protocol/log/mod.ts";
import { LamportLog } from "../../../nodes/kafka.ts";

function logs(count: number): LamportLog[] {
  return Array.from({ length: count }, (_, self) => {
    const log = new LamportLog({ self, count });
    log.start(0);
    return log;
  });
}

/** Delivers the next batch of a writer, if it has updates, to all other nodes. */
function broadcast(nodes: readonly LamportLog[], writer: number): void {
  const log = nodes[writer] as LamportLog;
  if (!log.hasUpdates) return;
  const batch = log.seal();
  for (const [index, other] of nodes.entries()) if (index !== writer) other.apply(writer, batch);
}

const entriesOf = (log: LamportLog, key = "k") => log.read(key, 0, Infinity);

Deno.test("LamportLog on a cluster of one node returns its entries immediately", () => {
  const [log] = logs(1) as [LamportLog];
  assertEquals([log.append("k", "a"), log.append("k", "b"), log.append("l", "c")], [0, 1, 0]);
  assertEquals(entriesOf(log), [[0, "a"], [1, "b"]]);
  assert(!log.hasUpdates);
});

Deno.test("LamportLog assigns unique offsets, higher than those that it has received", () => {
  const [a, b] = logs(2) as [LamportLog, LamportLog];
  assertEquals([a.append("k", 1), a.append("k", 2), b.append("k", 3)], [0, 2, 1]);
  broadcast([a, b], 0);
  assertEquals(b.append("k", 4), 5);
});

Deno.test("LamportLog returns an entry once the watermarks of all nodes have reached it", () => {
  const nodes = logs(3);
  const [a, b, c] = nodes as [LamportLog, LamportLog, LamportLog];
  a.append("k", "x");
  broadcast(nodes, 0);
  assertEquals([entriesOf(a), entriesOf(b), entriesOf(c)], [[], [], []]);
  broadcast(nodes, 1);
  // The third node has all watermarks now, its own included; the first lacks the third's.
  assertEquals([entriesOf(a), entriesOf(b), entriesOf(c)], [[], [], [[0, "x"]]]);
  broadcast(nodes, 2);
  assertEquals([entriesOf(a), entriesOf(b)], [[[0, "x"]], [[0, "x"]]]);
  assert(nodes.every(({ hasUpdates }) => !hasUpdates), "no batch follows");
});

Deno.test("LamportLog does not skip concurrent entries of other nodes", () => {
  const nodes = logs(2);
  const [a, b] = nodes as [LamportLog, LamportLog];
  a.append("k", "a0");
  b.append("k", "b0");
  b.append("k", "b1");
  broadcast(nodes, 0);
  // The watermark of a is 0: its entry and the first one of b are stable.
  assertEquals(entriesOf(b), [[0, "a0"], [1, "b0"]]);
  broadcast(nodes, 1);
  broadcast(nodes, 0);
  const complete: Entry[] = [[0, "a0"], [1, "b0"], [3, "b1"]];
  assertEquals([entriesOf(a), entriesOf(b)], [complete, complete]);
});

Deno.test("LamportLog returns no entry above the low watermark, however far its writer is ahead", () => {
  const log = new LamportLog({ self: 2, count: 3 });
  log.start(0);
  log.apply(0, [["k", 5, [4, 5], ["a4", "a5"]]]);
  log.apply(1, [["k", 3, [], []]]);
  assertEquals(entriesOf(log), [], "the second node may still assign the counter 4");
  log.apply(1, [["k", 5, [4], ["b4"]]]);
  assertEquals(entriesOf(log), [[12, "a4"], [13, "b4"], [15, "a5"]]);
});

Deno.test("LamportLog ignores a watermark below an earlier one, and entries below that one", () => {
  const log = new LamportLog({ self: 1, count: 2 });
  log.start(0);
  log.apply(0, [["k", 5, [5], ["a5"]]]);
  log.apply(0, [["k", 3, [3], ["late"]]]);
  log.apply(0, [["k", 6, [4, 6], ["late", "a6"]]]);
  assertEquals(entriesOf(log), [[10, "a5"], [12, "a6"]]);
});

Deno.test("the stable prefix is final and the same at all nodes, for any interleaving", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed);
    const count = 1 + random.integer(4);
    const nodes = logs(count);
    /** The batches in flight from each writer to each reader, first in, first out. */
    const links = nodes.map(() => nodes.map((): Json[] => []));
    const polledBefore: Entry[][] = nodes.map(() => []);
    const sent = new Map<number, string>();
    const step = (canSend: boolean) => {
      const self = random.integer(count);
      const node = nodes[self] as LamportLog;
      if (canSend && random.chance(0.4)) {
        const offset = node.append("k", `m${sent.size}`);
        const polled = polledBefore[self]?.at(-1)?.[0] ?? -1;
        assert(offset > polled, `seed ${seed}: assigned ${offset} after ${polled} was polled`);
        assert(!sent.has(offset), `seed ${seed}: assigned ${offset} twice`);
        sent.set(offset, `m${sent.size}`);
      }
      if (node.hasUpdates && random.chance(0.5)) {
        const batch = node.seal();
        for (const [reader] of nodes.entries()) {
          if (reader !== self) links[self]?.[reader]?.push(batch);
        }
      }
      const writer = random.integer(count);
      const arrived = links[writer]?.[self]?.shift();
      if (arrived !== undefined) node.apply(writer, arrived);
      const polled = entriesOf(node);
      const before = JSON.stringify(polledBefore[self]).slice(0, -1);
      assert(
        JSON.stringify(polled).startsWith(before),
        `seed ${seed}: a poll contradicts ${before}`,
      );
      polledBefore[self] = polled;
    };
    for (let round = 0; round < 100; round++) step(true);
    for (let round = 0; round < 200 * count; round++) step(false);
    const complete = [...sent].sort(([a], [b]) => a - b);
    for (const node of nodes) assertEquals(entriesOf(node), complete, `seed ${seed}`);
  }
});

Deno.test("LamportLog leaves a gap after what it has applied, of its own past and of others", () => {
  const nodes = logs(3);
  const [a, b, c] = nodes as [LamportLog, LamportLog, LamportLog];
  for (let entry = 0; entry < 5; entry++) {
    a.append("k", `a${entry}`);
    c.append("l", `c${entry}`);
  }
  const [ofA, ofC] = [a.seal(), c.seal()];
  for (const other of [b, c]) other.apply(0, ofA);
  for (const other of [a, b]) other.apply(2, ofC);
  const restarted = new LamportLog({ self: 2, count: 3 });
  restarted.apply(0, ofA);
  restarted.apply(2, ofC);
  restarted.start(10);
  broadcast([a, b, restarted], 2);
  broadcast([a, b, restarted], 1);
  const messages = entriesOf(restarted, "k").map(([, message]) => message);
  assertEquals(messages, ["a0", "a1", "a2", "a3", "a4"]);
  assertEquals(entriesOf(a, "k"), entriesOf(restarted, "k"));
  // Counters 5 to 14 are left out, and 0 to 9 of a key that it has not seen.
  for (const key of ["k", "l"]) assertEquals(restarted.append(key, "new"), 15 * 3 + 2);
  assertEquals(restarted.append("k", "new"), 16 * 3 + 2);
  assertEquals(restarted.append("other", "new"), 10 * 3 + 2);
});
