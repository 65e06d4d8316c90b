import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import type { Json } from "../../../lib/node/mod.ts";
import type { Entry } from "../../../lib/protocol/log/entry_log.ts";
import { LamportLog } from "../../../lib/protocol/log/lamport_log.ts";

function logs(count: number): LamportLog[] {
  return Array.from({ length: count }, (_, self) => {
    const log = new LamportLog({ self, count, acks: "one", retain: Infinity });
    log.open();
    return log;
  });
}

/** Tells all others what a node has to say. */
function tell(all: readonly LamportLog[], writer: number): void {
  const log = all[writer] as LamportLog;
  if (!log.hasNews) return;
  const news = log.cut();
  for (const [index, other] of all.entries()) if (index !== writer) other.apply(writer, news);
}

const all = (log: LamportLog, key = "k") => log.read(key, 0, Infinity);

Deno.test("a node that is alone shows what it is sent at once", () => {
  const [log] = logs(1) as [LamportLog];
  assertEquals([log.append("k", "a"), log.append("k", "b"), log.append("l", "c")], [0, 1, 0]);
  assertEquals(all(log), [[0, "a"], [1, "b"]]);
  assert(!log.hasNews);
});

Deno.test("no two nodes give one offset, and each gives higher ones than it has heard of", () => {
  const [a, b] = logs(2) as [LamportLog, LamportLog];
  assertEquals([a.append("k", 1), a.append("k", 2), b.append("k", 3)], [0, 2, 1]);
  tell([a, b], 0);
  assertEquals(b.append("k", 4), 5);
});

Deno.test("an entry is shown once every node has promised to add none before it", () => {
  const nodes = logs(3);
  const [a, b, c] = nodes as [LamportLog, LamportLog, LamportLog];
  a.append("k", "x");
  tell(nodes, 0);
  assertEquals([all(a), all(b), all(c)], [[], [], []]);
  tell(nodes, 1);
  // The third node knows of all promises now, its own included; the first lacks the third's.
  assertEquals([all(a), all(b), all(c)], [[], [], [[0, "x"]]]);
  tell(nodes, 2);
  assertEquals([all(a), all(b)], [[[0, "x"]], [[0, "x"]]]);
  assert(nodes.every(({ hasNews }) => !hasNews), "and then there is nothing more to say");
});

Deno.test("an entry that was given elsewhere at the same time is not skipped", () => {
  const nodes = logs(2);
  const [a, b] = nodes as [LamportLog, LamportLog];
  a.append("k", "a0");
  b.append("k", "b0");
  b.append("k", "b1");
  tell(nodes, 0);
  // It has promised up to counter 1; a's entry and its own lie below.
  assertEquals(all(b), [[0, "a0"], [1, "b0"]]);
  tell(nodes, 1);
  tell(nodes, 0);
  const complete: Entry[] = [[0, "a0"], [1, "b0"], [3, "b1"]];
  assertEquals([all(a), all(b)], [complete, complete]);
});

Deno.test("whatever the order of batches, what is shown is final and the same everywhere", () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed);
    const count = 1 + random.integer(4);
    const nodes = logs(count);
    /** What each writer has said to each reader and has not arrived: first in, first out. */
    const links = nodes.map(() => nodes.map((): Json[] => []));
    const shown: Entry[][] = nodes.map(() => []);
    const sent = new Map<number, string>();
    const step = (canSend: boolean) => {
      const self = random.integer(count);
      const node = nodes[self] as LamportLog;
      if (canSend && random.chance(0.4)) {
        const offset = node.append("k", `m${sent.size}`);
        const polled = shown[self]?.at(-1)?.[0] ?? -1;
        assert(offset > polled, `seed ${seed}: ${offset} is given where ${polled} was polled`);
        assert(!sent.has(offset), `seed ${seed}: ${offset} is given twice`);
        sent.set(offset, `m${sent.size}`);
      }
      if (node.hasNews && random.chance(0.5)) {
        const news = node.cut();
        for (const [reader] of nodes.entries()) {
          if (reader !== self) links[self]?.[reader]?.push(news);
        }
      }
      const writer = random.integer(count);
      const arrived = links[writer]?.[self]?.shift();
      if (arrived !== undefined) node.apply(writer, arrived);
      const now = all(node);
      const before = JSON.stringify(shown[self]).slice(0, -1);
      assert(JSON.stringify(now).startsWith(before), `seed ${seed}: it took back ${before}`);
      shown[self] = now;
    };
    for (let round = 0; round < 100; round++) step(true);
    for (let round = 0; round < 200 * count; round++) step(false);
    const complete = [...sent].sort(([a], [b]) => a - b);
    for (const node of nodes) assertEquals(all(node), complete, `seed ${seed}`);
  }
});

Deno.test("a snapshot holds all of a node, and restoring it twice changes nothing", () => {
  const nodes = logs(3);
  const [a, b, c] = nodes as [LamportLog, LamportLog, LamportLog];
  for (let entry = 0; entry < 5; entry++) {
    a.append("k", `a${entry}`);
    b.append("l", `b${entry}`);
  }
  tell(nodes, 0);
  tell(nodes, 1);
  a.commit({ k: 3 });
  const reborn = new LamportLog({ self: 2, count: 3, acks: "one", retain: Infinity });
  const snapshot = a.snapshot();
  reborn.restore(snapshot);
  reborn.restore(snapshot);
  assertEquals(reborn.committed(["k", "l"]), { k: 3 });
  reborn.open();
  tell([a, b, reborn], 2);
  tell([a, b, reborn], 1);
  assertEquals(all(reborn, "k").map(([, message]) => message), ["a0", "a1", "a2", "a3", "a4"]);
  assertEquals(all(a, "k"), all(reborn, "k"));
  assert(reborn.append("k", "new") > (all(a, "k").at(-1)?.[0] as number));
  assert(c.append("k", "new") > 0);
});

Deno.test("committed offsets never go back, and travel", () => {
  const nodes = logs(2);
  const [a, b] = nodes as [LamportLog, LamportLog];
  assert(a.commit({ k: 5 }));
  assert(!a.commit({ k: 4 }));
  assertEquals(a.committed(["k", "x"]), { k: 5 });
  b.commit({ k: 9 });
  tell(nodes, 0);
  assertEquals(b.committed(["k"]), { k: 9 });
  tell(nodes, 1);
  assertEquals(a.committed(["k"]), { k: 9 });
});

Deno.test("what is no batch is refused", () => {
  const [log] = logs(2) as [LamportLog];
  for (
    const batch of [null, {}, { keys: [["k", 0, [0]]], commits: [] }, { keys: [], commits: [1] }]
  ) {
    assertThrows(() => log.apply(1, batch as Json), TypeError);
  }
});
