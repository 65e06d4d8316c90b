import { assert, assertEquals, assertRejects } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import {
  type Body,
  ErrorCode,
  hasCode,
  type Json,
  type Message,
  type Node,
  RpcError,
} from "../../lib/node/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

/** Replaces a service's reply by a body or by no reply; undefined leaves it as it is. */
type Intercept = (request: Message) => Body | undefined | "no reply";

/** Starts a node with Maelstrom's services. */
function nodeWithServices(seed = 1, intercept: Intercept = () => undefined) {
  const services = createServices(new Random(seed), { lwwMerges: true });
  let view: Node | undefined;
  const fake = new FakeNode((node) => view = node, {
    answer(request) {
      const replacement = intercept(request);
      if (replacement === "no reply") return undefined;
      return replacement ?? services.get(request.dest)?.handle(request);
    },
  });
  assert(view !== undefined);
  /** Sends a request to a service, as another node would. */
  const send = (service: string, body: Body) =>
    services.get(service)?.handle({ src: "n9", dest: service, body: { ...body, msg_id: 1 } });
  return { fake, node: view, send };
}

function error(code: number): Body {
  return new RpcError(code, "planted").toBody();
}

/** Lets virtual time pass until a promise settles; returns it. */
async function run<T>(fake: FakeNode, work: Promise<T>): Promise<T> {
  let isSettled = false;
  const tracked = work.finally(() => isSettled = true);
  tracked.catch(() => {});
  while (!isSettled) await fake.host.advance(10);
  return tracked;
}

async function codeOf(work: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => work, RpcError)).code;
}

Deno.test("lin-kv: a read returns what was written, for every kind of key and value", async () => {
  const { node: { kv } } = nodeWithServices();
  const values: Json[] = [0, "", null, false, [1, [2]], { a: { b: [] } }, "x"];
  for (const key of values) {
    for (const value of values) {
      await kv.lin.write(key, value);
      assertEquals(await kv.lin.read(key), value);
    }
  }
});

Deno.test("each store sends its requests to its own service", async () => {
  const { fake, node: { kv } } = nodeWithServices();
  await kv.lin.write("k", 1);
  await kv.seq.write("k", 2);
  await kv.lww.write("k", 3);
  assertEquals(fake.host.sent.map(({ dest }) => dest), ["lin-kv", "seq-kv", "lww-kv"]);
  assertEquals(await kv.lin.read("k"), 1);
});

Deno.test("read of a missing key throws 20, readOr returns its default", async () => {
  const { node: { kv } } = nodeWithServices(
    1,
    ({ body }) => body.key === 5 ? error(11) : undefined,
  );
  assertEquals(await codeOf(kv.lin.read("k")), ErrorCode.keyDoesNotExist);
  assertEquals(await kv.lin.readOr("k", 0), 0);
  await kv.lin.write("k", null);
  assertEquals(await kv.lin.readOr("k", 0), null);
  assertEquals(await codeOf(kv.lin.readOr(5, 0)), ErrorCode.temporarilyUnavailable);
});

Deno.test("cas changes an expected value, and throws 22 or 20 otherwise", async () => {
  const { node: { kv } } = nodeWithServices();
  assertEquals(await codeOf(kv.lin.cas("k", 0, 1)), ErrorCode.keyDoesNotExist);
  await kv.lin.cas("k", 0, 1, { createIfMissing: true });
  await kv.lin.cas("k", 1, 2);
  assertEquals(await codeOf(kv.lin.cas("k", 1, 3)), ErrorCode.preconditionFailed);
  assertEquals(await kv.lin.read("k"), 2);
});

Deno.test("create creates a key once, and throws 22 when the key exists", async () => {
  const { node: { kv } } = nodeWithServices();
  await kv.lin.create("k", "first");
  assertEquals(await codeOf(kv.lin.create("k", "second")), ErrorCode.preconditionFailed);
  assertEquals(await kv.lin.read("k"), "first");
});

Deno.test("update creates a missing key and changes an existing one", async () => {
  const { node: { kv } } = nodeWithServices();
  const seen: (Json | undefined)[] = [];
  const increment = (current: Json | undefined) => {
    seen.push(current);
    return (current as number | undefined ?? 0) + 1;
  };
  assertEquals(await kv.lin.update("k", increment), 1);
  assertEquals(await kv.lin.update("k", increment), 2);
  assertEquals([seen, await kv.lin.read("k")], [[undefined, 1], 2]);
});

Deno.test("update retries when another node writes between read and cas", async () => {
  let races = 3;
  const { fake, node, send } = nodeWithServices(1, ({ body }) => {
    if (body.type === "cas" && races-- > 0) {
      send("lin-kv", { type: "write", key: "k", value: races });
    }
    return undefined;
  });
  const update = node.kv.lin.update(
    "k",
    (current) => [...(current === undefined ? [] : [current]), "mine"],
  );
  assertEquals(await run(fake, update), [0, "mine"]);
});

Deno.test("concurrent updates are all applied, on lin-kv and on stale seq-kv", async () => {
  for (const store of ["lin", "seq"] as const) {
    const { fake, node } = nodeWithServices(2);
    const add = (current: Json | undefined) => (current as number | undefined ?? 0) + 1;
    const updates = Array.from(
      { length: 30 },
      () => node.kv[store].update("k", add, { timeoutMs: 5000 }),
    );
    const results = await run(fake, Promise.all(updates));
    assertEquals(
      results.map(Number).sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  }
});

Deno.test("update rejects with errors other than contention, and with a timeout without a retry", async () => {
  for (const code of [ErrorCode.temporarilyUnavailable, ErrorCode.crash, 1234]) {
    const { node } = nodeWithServices(
      1,
      ({ body }) => body.type === "cas" ? error(code) : undefined,
    );
    assertEquals(await codeOf(node.kv.lin.update("k", () => 1)), code);
  }
  const { fake, node } = nodeWithServices(
    1,
    ({ body }) => body.type === "cas" ? "no reply" : undefined,
  );
  const update = run(fake, node.kv.lin.update("k", () => 1, { timeoutMs: 50 }));
  assertEquals(await codeOf(update), ErrorCode.timeout);
  assertEquals(fake.host.sent.length, 2);
});

Deno.test("update rejects with what its function throws, and writes nothing", async () => {
  const { fake, node } = nodeWithServices();
  const full = () => {
    throw new RangeError("full");
  };
  await assertRejects(() => node.kv.lin.update("k", full), RangeError, "full");
  assertEquals(fake.host.sent.map(({ body }) => body.type), ["read"]);
});

Deno.test("an aborted update stops between two attempts", async () => {
  const abort = new AbortController();
  const { fake, node } = nodeWithServices(
    1,
    ({ body }) => body.type === "cas" ? error(22) : undefined,
  );
  const update = node.kv.lin.update("k", () => 1, { signal: abort.signal });
  update.catch(() => {});
  await fake.host.advance(200);
  assert(fake.host.takeSent().length > 4);
  abort.abort(new Error("enough"));
  await fake.host.advance(200);
  await assertRejects(() => update, Error, "enough");
  assertEquals(fake.host.sent.length, 0);
});

Deno.test("a store with retries retransmits the same request until a reply arrives", async () => {
  let lost = 3;
  const { fake, node } = nodeWithServices(1, () => lost-- > 0 ? "no reply" : undefined);
  await run(fake, node.kv.lin.write("k", 1, { retry: { minMs: 20 } }));
  assertEquals(fake.host.sent.length, 4);
  assertEquals(new Set(fake.host.sent.map(({ body }) => body.msg_id)).size, 1);
});

Deno.test("lin-tso returns 0, 1, 2, …; a reply without a timestamp is thrown as 13", async () => {
  const { node } = nodeWithServices();
  assertEquals([await node.tso.next(), await node.tso.next(), await node.tso.next()], [0, 1, 2]);
  const odd = nodeWithServices(1, () => ({ type: "ts_ok" }));
  assertEquals(await codeOf(odd.node.tso.next()), ErrorCode.crash);
});

Deno.test("hasCode is true only for an RpcError with that code", () => {
  assert(hasCode(new RpcError(20, ""), 20));
  for (const other of [new RpcError(22, ""), new Error("20"), 20, undefined, { code: 20 }]) {
    assert(!hasCode(other, 20));
  }
});
