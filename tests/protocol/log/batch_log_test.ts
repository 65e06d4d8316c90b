import { assert, assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import type { Json } from "../../../lib/node/mod.ts";
import { type Delta, exchange, Member, started } from "./batch_log_members.ts";

Deno.test("BatchLog applies batches in order, each once, however they arrive", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(7), { minLength: 20, maxLength: 40 }), (arrivals) => {
      const [a, b] = started();
      const deltas = Array.from({ length: 8 }, (_, number) => {
        a.write(number);
        const delta = a.deltaFor(b);
        return delta.slice(-1);
      });
      for (const index of [...arrivals, ...deltas.keys()]) b.merge(deltas[index] as Delta, a);
      assertEquals(b.source.applied[0], [0, 1, 2, 3, 4, 5, 6, 7]);
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("BatchLog seals the updates since the last message, and nothing before it has started", () => {
  const a = new Member("a", "a1");
  const b = new Member("b", "b1");
  a.source.updates.push(1);
  assertEquals(a.deltaFor(b), [["a.a1", 0, {}]]);
  assertEquals(a.log.version, 1);
  const [c, d] = started();
  const before = c.log.version;
  c.write(1);
  c.write(2);
  assertEquals(c.log.version, before + 1);
  assertEquals(c.deltaFor(d), [["a.a1", 2, { content: [1, 2] }]]);
  assertEquals(c.log.version, before + 1);
});

Deno.test("a node has recovered once each other one has stated what it has, and it has that, too", () => {
  const [a, b, c] = started();
  a.write(7);
  a.sendTo(b);
  const next = new Member("a", "a2");
  next.sendTo(b);
  next.sendTo(c);
  const statement = b.deltaFor(next);
  c.sendTo(next);
  assert(!next.log.isRecovered, "b has stated nothing");
  next.merge(statement, b);
  assert(!next.log.isRecovered, "b has a batch of its past");
  b.log.catchUp("a", "a2", next.log.summary(), false, 0);
  b.sendTo(next);
  c.sendTo(next);
  assert(next.log.isRecovered);
  assertEquals(next.source.applied[0], [7]);
});

Deno.test("a new incarnation leaves a gap for each one that is gone, and lists its past", () => {
  const [a, b, c] = started();
  a.write(7);
  a.sendTo(b);
  const next = new Member("a", "a2");
  for (const peer of [b, c]) next.sendTo(peer);
  for (const peer of [b, c]) {
    peer.log.catchUp("a", "a2", next.log.summary(), false, 0);
    peer.sendTo(next);
  }
  assertEquals(a.source.gap, 0);
  next.log.start(0);
  assertEquals(next.source.gap, 2 ** 32);
  next.write(8);
  const newer = next.deltaFor(c).filter(([name]) => name === "a.a2");
  assertEquals(newer.at(-1)?.[2].past, { "a.a1": 3 });
  // c lacks the batch of the past, and must not apply the newer one before it.
  c.merge(newer, next);
  assertEquals(c.source.applied[0], []);
  next.sendTo(c);
  assertEquals(c.source.applied[0], [7, 8]);
});

Deno.test("a node that has seen a newer incarnation accepts the older one's batches from third nodes only", () => {
  const [a, b, c] = started();
  a.write(7);
  const late = a.deltaFor(c);
  const next = new Member("a", "a2");
  next.sendTo(c);
  c.merge(late, a);
  assertEquals(c.source.applied[0], []);
  a.sendTo(b);
  b.log.catchUp("c", "c1", c.log.summary(), true, 0);
  b.sendTo(c);
  assertEquals(c.source.applied[0], [7]);
});

Deno.test("batches that a new incarnation did not list in its past are dropped", () => {
  const [a, b, c] = started();
  a.write(7);
  const late = a.deltaFor(c);
  const next = new Member("a", "a2");
  for (const peer of [b, c]) next.sendTo(peer);
  for (const peer of [b, c]) {
    peer.log.catchUp("a", "a2", next.log.summary(), false, 0);
    peer.sendTo(next);
  }
  next.log.start(0);
  next.write(8);
  next.sendTo(c);
  c.merge(late, a);
  c.merge(late, b);
  assertEquals(c.source.applied[0], [8]);
  next.merge(late, b);
  assertEquals(next.source.applied[0], [8], "its node has listed its past without them");
  assert(c.log.includes({ "a.a1": 3 }), "they do not count any more");
});

Deno.test("the incarnation that replies to a later request is the newest one", () => {
  const [, , c] = started();
  // c has seen a2, then a late message of an incarnation that it did not know.
  const next = new Member("a", "a2");
  next.sendTo(c);
  assert(c.log.meet("a", "a2", 10));
  assert(c.log.meet("a", "a0", 20));
  assert(!c.log.meet("a", "a2", 30));
  assert(!c.log.meet("a", "a2", 30, 15), "the request was sent before");
  assert(c.log.meet("a", "a2", 30, 25));
  assert(!c.log.meet("a", "a0", 40));
});

Deno.test("an incarnation that sends batches of its past beside its own is the newest one", () => {
  const c = new Member("c", "c1");
  const [former, next] = ["a1", "a2"].map((incarnation) => new Member("a", incarnation));
  const delta = [next, former].flatMap((member) => member?.deltaFor(c) ?? []);
  c.merge(delta, next as Member);
  assert(c.log.meet("a", "a2", 0));
  assert(!c.log.meet("a", "a1", 0));
});

Deno.test("updates that follow from finding the newest incarnation wait from then on", () => {
  const c = new Member("c", "c1");
  const [first, late] = ["a1", "a0"].map((incarnation) => new Member("a", incarnation));
  assert(c.log.meet("a", "a1", 10));
  assert(c.log.meet("a", "a0", 20), "a late message");
  c.log.merge(first?.deltaFor(c) as unknown as Json, "a1", 30);
  assertEquals(late && c.has(late), 0);
  const before = c.log.version;
  assert(c.log.meet("a", "a1", 40, 25));
  assertEquals(c.log.version, before + 1, "it states that it has the first batch of a.a1");
  assertEquals(c.log.changedAt(before), 40);
});

Deno.test("a new incarnation of a peer gets all batches, each once", () => {
  const [a, b, c] = started();
  for (let number = 0; number < 5; number++) {
    a.write(number);
    a.sendTo(b);
    a.sendTo(c);
  }
  const next = new Member("b", "b2");
  const delta = a.deltaFor(next);
  next.merge(delta, a);
  next.merge(delta, a);
  assertEquals(next.source.applied[0], [0, 1, 2, 3, 4]);
  assertEquals(next.has(a), a.has(a));
  a.write(5);
  a.sendTo(next);
  assertEquals(next.source.applied[0], [0, 1, 2, 3, 4, 5]);
});

Deno.test("a node relays a third node's batches on request, and new ones for some time", () => {
  const [a, b, c] = started();
  a.write(1);
  a.sendTo(b);
  b.sendTo(c);
  assertEquals(c.source.applied[0], [], "without a request");
  b.log.catchUp("c", "c1", c.log.summary(), true, 0);
  b.sendTo(c);
  assertEquals(c.source.applied[0], [1]);
  a.write(2);
  a.sendTo(b);
  b.sendTo(c);
  assertEquals(c.source.applied[0], [1, 2]);
  a.write(3);
  b.log.merge(a.deltaFor(b) as unknown as Json, "a1", 6000);
  b.sendTo(c);
  assertEquals(c.source.applied[0], [1, 2], "the request is too old");
});

Deno.test("the batch that lists the past waits from the start on", () => {
  const [a, b, c] = started();
  const next = new Member("a", "a2");
  for (const peer of [b, c]) {
    next.sendTo(peer);
    peer.log.catchUp("a", "a2", next.log.summary(), false, 0);
  }
  exchange(next, b, c);
  assert(next.has(a) > 0 && next.log.isRecovered);
  assertEquals(next.log.version, next.log.summaryVersion);
  next.log.start(50);
  assertEquals(next.log.changedAt(next.log.version - 1), 50);
});

Deno.test("a node that has not started states what it has, and no more", () => {
  const a = new Member("a", "a1");
  const b = new Member("b", "b1");
  a.source.updates.push(1);
  b.sendTo(a);
  assert(a.log.owesStatement);
  assertEquals(a.deltaFor(b), [
    ["a.a1", 0, {}],
    ["a.a1", 1, { has: { "a.a1": 1, "b.b1": 1 } }],
  ]);
  assert(!a.log.owesStatement);
});

Deno.test("BatchLog rejects a malformed delta with a TypeError, and merges nothing of it", () => {
  const [, b] = started();
  const before = b.log.summary();
  const malformed: [delta: Json, text: string][] = [
    [null, "the delta must be"],
    [[["a.a1", 2]], "the delta[0] must be"],
    [[["a.a1", 2, { content: ["x"] }]], "the delta[0][2].content"],
    [[["a.a1", 2, {}], ["z.z1", 0, {}]], 'unknown node in the origin "z.z1"'],
  ];
  for (const [delta, text] of malformed) {
    assertThrows(() => b.log.merge(delta, "a1", 0), TypeError, text);
  }
  assertEquals(b.log.summary(), before);
});

Deno.test("BatchLog notes the first update of a batch, and when it was made", () => {
  const [a, b] = started();
  a.source.updates.push(1);
  assert(a.log.updated(42));
  assert(!a.log.updated(43));
  assertEquals(a.log.changedAt(a.log.version - 1), 42);
  a.sendTo(b);
  assertEquals(a.log.changedAt(a.log.version - 1), 42);
  a.source.updates.push(2);
  assert(a.log.updated(44), "after the batch");
  assertEquals(a.log.changedAt(a.log.version - 1), 44);
});
