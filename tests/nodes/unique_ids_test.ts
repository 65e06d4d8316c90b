import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { ErrorCode, type Json, type Message, UsageError } from "../../lib/node/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import uniqueIds from "../../nodes/unique_ids.ts";
import { type Answer } from "../../lib/testing/fake_host.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

const LOCAL = ["counter", "uuid", "modulo", "snowflake"] as const;
const SERVED = ["lin-kv", "lin-tso"] as const;

interface Start {
  readonly strategy: string;
  readonly id?: string;
  readonly nodes?: readonly string[];
  /** The node's wall clock at the start. */
  readonly at?: number;
  readonly seed?: string | number;
  readonly answer?: Answer;
  readonly args?: readonly string[];
}

/** Starts a node and waits for its `init_ok`. */
async function start(options: Start): Promise<FakeNode> {
  const { strategy, id = "n0", nodes = [id], at, seed = id, answer, args = [] } = options;
  const node = new FakeNode(uniqueIds, {
    id,
    nodes,
    seed,
    args: ["--strategy", strategy, ...args],
    init: false,
    ...(answer === undefined ? {} : { answer }),
  });
  if (at !== undefined) node.host.startsAtMs = at;
  node.receive({ type: "init", node_id: id, node_ids: [...nodes], msg_id: 0 }, "c0");
  // In small steps, so that an incarnation may last less than a millisecond.
  await node.host.advance(0);
  for (let step = 0; step < 8 && node.host.sent.length === 0; step++) await node.host.advance(0.25);
  assertEquals(node.host.takeSent().map(({ body }) => body.type), ["init_ok"]);
  return node;
}

/** Sends `count` requests to a node; returns the ids. */
async function generate(node: FakeNode, count: number): Promise<Json[]> {
  node.host.takeSent();
  for (let request = 0; request < count; request++) {
    node.receive({ type: "generate", msg_id: request });
  }
  await node.host.advance(0);
  const replies = node.host.sent.filter(({ dest }) => dest === "c1");
  assertEquals(replies.length, count);
  return replies.map(({ body }) => {
    assertEquals(body.type, "generate_ok", String(body.text));
    return body.id as Json;
  });
}

function assertUnique(ids: readonly Json[]) {
  assertEquals(new Set(ids.map((id) => JSON.stringify(id))).size, ids.length);
}

/** Services that record their requests. */
function services(): { answer: Answer; requests: Message[] } {
  const all = createServices(new Random(1));
  const requests: Message[] = [];
  const answer = (request: Message) => {
    requests.push(request);
    return all.get(request.dest)?.handle(request);
  };
  return { answer, requests };
}

Deno.test("25 nodes that start in the same millisecond generate different ids", async () => {
  const nodes = Array.from({ length: 25 }, (_, index) => `n${index}`);
  for (const strategy of [...LOCAL, ...SERVED]) {
    const { answer } = services();
    const ids: Json[] = [];
    for (const id of nodes) {
      const node = await start({ strategy, id, nodes, at: 1_800_000_000_000, answer });
      ids.push(...await generate(node, 200));
      await node.host.advance(1);
      ids.push(...await generate(node, 200));
    }
    assertUnique(ids);
  }
});

Deno.test("strategies without services send only replies", async () => {
  for (const strategy of LOCAL) {
    const node = await start({ strategy, nodes: ["n0", "n1", "n2"] });
    await generate(node, 10);
    await node.host.advance(60_000);
    assert(node.host.sent.every(({ dest }) => dest === "c1"), strategy);
  }
});

Deno.test("a node that restarts 50 times as fast as possible repeats no id", async () => {
  for (const strategy of [...LOCAL, ...SERVED]) {
    const { answer } = services();
    const ids: Json[] = [];
    let at = 1_800_000_000_000.25;
    for (let restart = 0; restart < 50; restart++) {
      const node = await start({ strategy, nodes: ["n0", "n1"], at, seed: restart, answer });
      ids.push(...await generate(node, 100));
      at = node.host.now();
    }
    assertUnique(ids);
  }
});

Deno.test("strategies that do not depend on the clock survive one that goes back between restarts", async () => {
  for (const strategy of ["counter", "uuid", ...SERVED]) {
    const { answer } = services();
    const ids: Json[] = [];
    for (const at of [1_800_000_000_000, 1_800_000_000_000, 1_799_999_999_000]) {
      const node = await start({ strategy, at, seed: ids.length, answer });
      ids.push(...await generate(node, 1000));
    }
    assertUnique(ids);
  }
});

Deno.test("a clock that jumps or stands still while a node runs causes no repeated id", async () => {
  for (const strategy of LOCAL) {
    const node = await start({ strategy });
    const ids = await generate(node, 10_000);
    node.host.startsAtMs -= 3_600_000;
    ids.push(...await generate(node, 10_000));
    await node.host.advance(5);
    ids.push(...await generate(node, 100));
    node.host.startsAtMs += 3_600_001;
    ids.push(...await generate(node, 100));
    assertUnique(ids);
  }
});

Deno.test("modulo and snowflake send init_ok in the millisecond after init, not before", async () => {
  for (const strategy of ["modulo", "snowflake"]) {
    const node = new FakeNode(uniqueIds, { args: ["--strategy", strategy], init: false });
    node.host.startsAtMs = 1_800_000_000_000.4;
    node.receive({ type: "init", node_id: "n1", node_ids: ["n1"], msg_id: 0 });
    await node.host.advance(0.5);
    assertEquals(node.host.sent, []);
    await node.host.advance(0.5);
    assertEquals(node.host.sent.map(({ body }) => body.type), ["init_ok"]);
  }
});

Deno.test("a request that arrives before init_ok is answered with a unique id after it", async () => {
  for (const strategy of [...LOCAL, ...SERVED]) {
    const { answer } = services();
    const args = ["--strategy", strategy];
    const node = new FakeNode(uniqueIds, { args, answer, init: false });
    node.receive({ type: "generate", msg_id: 1 });
    node.receive({ type: "init", node_id: "n1", node_ids: ["n1"], msg_id: 0 });
    node.receive({ type: "generate", msg_id: 2 });
    await node.host.advance(2);
    const early = node.host.sent.filter(({ body }) => body.type === "generate_ok")
      .map(({ body }) => body.id as Json);
    assertEquals(early.length, 2, strategy);
    assertUnique([...early, ...await generate(node, 100)]);
  }
});

Deno.test("a counter id consists of node, incarnation and count", async () => {
  const node = await start({ strategy: "counter", id: "n7" });
  const [first, second] = await generate(node, 2) as string[];
  assertMatch(first as string, /^n7-[0-9a-z]+\.[0-9a-z]+-0$/);
  assertEquals(second, (first as string).replace(/0$/, "1"));
});

Deno.test("uuids have version 7 and the time of their generation", async () => {
  const node = await start({ strategy: "uuid", at: 1_800_000_000_000 });
  for (const id of await generate(node, 100) as string[]) {
    assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assertEquals(parseInt(id.replaceAll("-", "").slice(0, 12), 16), 1_800_000_000_000);
  }
});

Deno.test("modulo ids are exact integers in the residue class of their node", async () => {
  const nodes = ["a", "b", "c"];
  for (const [index, id] of nodes.entries()) {
    const node = await start({ strategy: "modulo", id, nodes });
    for (const id of await generate(node, 100)) {
      assert(Number.isSafeInteger(id), `${id}`);
      assertEquals(id as number % nodes.length, index);
    }
  }
});

Deno.test("snowflakes hold time and node, and grow when the sequence number overflows", async () => {
  const node = await start({ strategy: "snowflake", id: "n1", nodes: ["n0", "n1"] });
  const ids = (await generate(node, 10_000) as string[]).map(BigInt);
  for (const [index, id] of ids.slice(1).entries()) assert(id > (ids[index] as bigint), `${id}`);
  assertEquals(Number((ids[0] as bigint) >> 22n), node.host.now() - 1_577_836_800_000);
  assertEquals(Number((ids[0] as bigint) >> 12n & 1023n), 1);
  const nodes = Array.from({ length: 1025 }, (_, index) => `n${index}`);
  const crowded = new FakeNode(uniqueIds, { args: ["--strategy", "snowflake"], init: false });
  const init = { type: "init", node_id: "n0", node_ids: nodes };
  await crowded.ask(init);
  assertStringIncludes(String(crowded.host.failure), "1024 nodes");
});

Deno.test("a snowflake's sequence number that overflows does not reach another node's ids", async () => {
  const nodes = ["n0", "n1"];
  const ids: Json[] = [];
  for (const id of nodes) {
    ids.push(...await generate(await start({ strategy: "snowflake", id, nodes }), 10_000));
  }
  assertUnique(ids);
});

Deno.test("lin-kv reserves one block at a time for all waiting requests", async () => {
  const { answer, requests } = services();
  const node = await start({ strategy: "lin-kv", answer, args: ["--block", "50"] });
  assertEquals(await generate(node, 120), Array.from({ length: 120 }, (_, index) => index));
  assertEquals(requests.map(({ body }) => body.type), [
    "read",
    "cas",
    "read",
    "cas",
    "read",
    "cas",
  ]);
});

Deno.test("nodes that contend for blocks of lin-kv share none", async () => {
  const { answer } = services();
  const nodes = await Promise.all(
    ["n0", "n1", "n2"].map((id) => start({ strategy: "lin-kv", id, answer, args: ["--block=3"] })),
  );
  for (const node of nodes) {
    for (let request = 0; request < 30; request++) {
      node.receive({ type: "generate", msg_id: request });
    }
  }
  for (let turn = 0; turn < 200; turn++) {
    for (const node of nodes) await node.host.advance(5);
  }
  const ids = nodes.flatMap(({ host }) =>
    host.sent.filter(({ dest }) => dest === "c1").map(({ body }) => body.id as Json)
  );
  assertEquals(ids.length, 90);
  assertUnique(ids);
});

Deno.test("a silent service is a definite error, and ids follow once it replies", async () => {
  for (const strategy of SERVED) {
    const { answer } = services();
    let down = true;
    const node = await start({ strategy, answer: (request) => down ? undefined : answer(request) });
    node.receive({ type: "generate", msg_id: 1 });
    await node.host.advance(5000);
    const error = node.host.sent.at(-1)?.body;
    assertEquals([error?.type, error?.code], ["error", ErrorCode.temporarilyUnavailable]);
    down = false;
    assertUnique(await generate(node, 10));
  }
});

Deno.test("a block whose reservation's reply was lost is never used", async () => {
  const { answer } = services();
  let lost = 1;
  const node = await start({
    strategy: "lin-kv",
    args: ["--block", "10"],
    answer(request) {
      const reply = answer(request);
      return request.body.type === "cas" && lost-- > 0 ? undefined : reply;
    },
  });
  node.receive({ type: "generate", msg_id: 1 });
  await node.host.advance(5000);
  assertEquals(await generate(node, 3), [10, 11, 12]);
});

Deno.test("an unknown strategy and an empty block are usage errors", () => {
  for (const args of [["--strategy", "guess"], ["--block", "0"], ["--block", "1.5"]]) {
    assertThrows(() => new FakeNode(uniqueIds, { args }), UsageError);
  }
});
