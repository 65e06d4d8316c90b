import { assert, assertEquals } from "std/testing";
import type { Node } from "../../../../lib/node/mod.ts";
import { Turns } from "../../../../lib/protocol/txn/root/turns.ts";
import { FakeNode } from "../../../../lib/testing/fake_node.ts";

interface Stage {
  readonly fake: FakeNode;
  readonly node: Node;
  readonly turns: Turns;
  /** How long a rest takes, in milliseconds. */
  timed(rest: () => Promise<void>): Promise<number>;
}

function stage(roundTrip = 0, nodes = ["n1", "n2"]): Stage {
  const fake = new FakeNode(() => {}, { id: "n1", nodes, seed: "turns" });
  const { node } = fake;
  return {
    fake,
    node,
    turns: new Turns(node, { turn: 100, roundTrip: () => roundTrip }),
    async timed(rest) {
      const began = node.now();
      let isOver = false;
      rest().then(() => isOver = true);
      for (let i = 0; i < 20_000 && !isOver; i++) {
        await fake.host.advance(1);
      }
      return node.now() - began;
    },
  };
}

Deno.test("a turn lasts as long as it should, and the rest after it longer than the other's turn", async () => {
  const { fake, turns, timed } = stage();
  assertEquals(turns.isOver, false);
  turns.begin(true);
  await fake.host.advance(99);
  assertEquals(turns.isOver, false);
  await fake.host.advance(1);
  assertEquals(turns.isOver, true);
  assertEquals(await timed(() => turns.rest()), 110);
  assertEquals(turns.longestRest, 110);
});

Deno.test("who comes back late after a turn rests for what is left, or not at all", async () => {
  const { fake, turns, timed } = stage();
  turns.begin(true);
  await fake.host.advance(180);
  assertEquals(await timed(() => turns.rest()), 30);
  turns.begin(true);
  await fake.host.advance(1000);
  assert(await timed(() => turns.rest()) <= 1);
});

Deno.test("there are no turns where nobody else commits, or everybody has been heard of", async () => {
  const { fake, turns } = stage();
  turns.begin(false);
  await fake.host.advance(500);
  assertEquals(turns.isOver, false);
  turns.begin(true);
  await fake.host.advance(500);
  turns.heard("n2");
  assertEquals(turns.isOver, false);
  await fake.host.advance(1001);
  assertEquals(turns.isOver, true);
});

Deno.test("a cluster of one takes no turns", async () => {
  const { fake, turns } = stage(0, ["n1"]);
  turns.begin(true);
  await fake.host.advance(500);
  assertEquals(turns.isOver, false);
});

Deno.test("after one failure it is the other's turn; after several, nobody knows whose", async () => {
  const { turns, timed } = stage();
  assertEquals(await timed(() => turns.restAfterFailure()), 100);
  const more = [];
  for (let i = 0; i < 8; i++) more.push(await timed(() => turns.restAfterFailure()));
  assert(more.every((rest) => rest >= 50 && rest <= 101), `${more}`);
  assert(new Set(more).size > 3, `${more}`);
  turns.succeeded();
  assertEquals(await timed(() => turns.restAfterFailure()), 100);
});

Deno.test("turns are longer where round trips are long", async () => {
  const { fake, turns, timed } = stage(200);
  turns.begin(true);
  await fake.host.advance(799);
  assertEquals(turns.isOver, false);
  await fake.host.advance(1);
  assertEquals(turns.isOver, true);
  assertEquals(await timed(() => turns.rest()), 800 + 2 * 200);
});

Deno.test("a clock that is set back ends a turn, and makes nobody rest for longer", async () => {
  let now = 10_000;
  const rests: number[] = [];
  const node = {
    peers: ["n2"],
    now: () => now,
    random: () => 0.5,
    sleep(milliseconds: number) {
      rests.push(milliseconds);
      return Promise.resolve();
    },
  };
  const turns = new Turns(node, { turn: 100, roundTrip: () => 0 });
  turns.begin(true);
  now = 0;
  assertEquals(turns.isOver, true);
  await turns.rest();
  assertEquals(rests, [110]);
});

Deno.test("gaps are left only where a peer is silent, round trips are known and no turns are taken", async () => {
  const { turns, timed, fake } = stage(50);
  turns.tried();
  const gaps = [];
  for (let i = 0; i < 8; i++) {
    gaps.push(await timed(() => turns.leaveGap()));
    turns.tried();
  }
  assert(gaps.every((gap) => gap <= 101) && Math.max(...gaps) > 20, `${gaps}`);
  turns.begin(true);
  assert(await timed(() => turns.leaveGap()) <= 1);
  turns.begin(false);
  turns.heard("n2");
  assert(await timed(() => turns.leaveGap()) <= 1);
  await fake.host.advance(2000);
  // The last attempt is long ago: there was a gap anyway.
  assert(await timed(() => turns.leaveGap()) <= 1);
});
