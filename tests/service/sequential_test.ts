import { assert, assertEquals, assertStrictEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { kvStore, Sequential } from "../../lib/service/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";
import { cas, create, found, from, NO_KEY, read, write } from "./requests.ts";
import { ScriptedRandom } from "./scripted_random.ts";
import { SequentialOracle } from "./sequential_oracle.ts";

const MAX_STATES = 32;

/** Returns a service after `count` writes of 1, 2, … to x by node `writer`, and its random source. */
function serviceAfterWrites(count: number, script: readonly number[] = []) {
  const random = new ScriptedRandom([...new Array(count).fill(0), ...script]);
  const service = new Sequential(kvStore, random);
  for (let value = 1; value <= count; value++) service.handle(from("writer", write("x", value)));
  return { service, random };
}

Deno.test("a new client may read any state", () => {
  for (let index = 0; index <= 5; index++) {
    const { service, random } = serviceAfterWrites(5, [index]);
    const reply = service.handle(from("reader", read("x")));
    assertEquals(reply, index === 0 ? NO_KEY : found(index));
    assertEquals(random.drawn.at(-1)?.bound, 6);
  }
});

Deno.test("a client never reads an older state than the last one it observed", () => {
  const { service, random } = serviceAfterWrites(5, [3, 0, 1, 0]);
  const replies = [1, 2, 3, 4].map(() => service.handle(from("reader", read("x"))));
  assertEquals(replies, [found(3), found(3), found(4), found(4)]);
  assertEquals(random.drawn.slice(-4).map(({ bound }) => bound), [6, 3, 3, 2]);
});

Deno.test("a client reads its own writes; another client may not", () => {
  const { service } = serviceAfterWrites(5, [0, 0]);
  assertEquals(service.handle(from("writer", read("x"))), found(5));
  assertEquals(service.handle(from("reader", read("x"))), NO_KEY);
});

Deno.test("a request that changes an old state runs on the newest and appends a state", () => {
  const { service } = serviceAfterWrites(5, [0, 0]);
  // The request first runs on state 0, where it would create y. It creates y in state 6 instead.
  assertEquals(service.handle(from("other", create("y", null, 1))), { type: "cas_ok" });
  const { newestIndex, lastObserved, states } = service.snapshot();
  assertEquals([newestIndex, lastObserved.get("other"), states.length], [6, 6, 7]);
  assertEquals(service.handle(from("other", read("x"))), found(5));
});

Deno.test("a request that changes an old state can fail on the newest and still appends a state", () => {
  // In state 1 the value is 1, so the compare-and-set would succeed; in state 5 it is 5.
  const { service } = serviceAfterWrites(5, [1]);
  const reply = service.handle(from("other", cas("x", 1, 9)));
  assertEquals(reply, { type: "error", code: 22, text: "current value 5 is not 1" });
  const { newestIndex, lastObserved, states } = service.snapshot();
  assertEquals([newestIndex, lastObserved.get("other")], [6, 6]);
  assertStrictEquals(states[6], states[5]);
});

Deno.test("a write of an old state's current value leaves the newest state unchanged", () => {
  const { service } = serviceAfterWrites(5, [2, 0]);
  assertEquals(service.handle(from("other", write("x", 2))), { type: "write_ok" });
  assertEquals([service.snapshot().newestIndex, service.snapshot().lastObserved.get("other")], [
    5,
    2,
  ]);
  assertEquals(service.handle(from("other", read("x"))), found(2));
});

Deno.test("a compare-and-set that fails on an old state leaves the newest state unchanged", () => {
  const { service } = serviceAfterWrites(5, [2]);
  const reply = service.handle(from("other", cas("x", 5, 6)));
  assertEquals(reply, { type: "error", code: 22, text: "current value 2 is not 5" });
  assertEquals(service.snapshot().newestIndex, 5);
});

Deno.test("the example in doc/services.md is legal: a repeated write of 1 runs on an old state", () => {
  const service = new Sequential(kvStore, new ScriptedRandom([0, 1, 0, 0]));
  service.handle(from("n1", write("x", 1)));
  assertEquals(service.handle(from("n2", cas("x", 1, 2))), { type: "cas_ok" });
  assertEquals(service.handle(from("n1", write("x", 1))), { type: "write_ok" });
  assertEquals(service.handle(from("n2", read("x"))), found(2));
});

Deno.test("the service keeps 32 states, and a client further behind continues at the oldest", () => {
  for (const count of [31, 32, 33, 64, 100, 1000]) {
    const { service, random } = serviceAfterWrites(count, [0, 0]);
    const oldest = Math.max(0, count - MAX_STATES + 1);
    const reply = service.handle(from("reader", read("x")));
    assertEquals([count, reply], [count, oldest === 0 ? NO_KEY : found(oldest)]);
    assertEquals(random.drawn.at(-1)?.bound, Math.min(count + 1, MAX_STATES));
    assertEquals(service.snapshot().states.length, Math.min(count + 1, MAX_STATES));
    assertEquals(service.snapshot().lastObserved.get("reader"), oldest);
  }
});

Deno.test("a client that falls 31 or more states behind never goes back in time", () => {
  for (const behind of [30, 31, 32, 33, 40, 63, 64, 65, 200]) {
    const service = new Sequential(kvStore, new Random(`behind by ${behind}`));
    let newest = 0;
    let last = 0;
    for (let round = 0; round < 50; round++) {
      for (let step = 0; step < behind; step++) {
        newest += 1;
        service.handle(from("writer", write("x", newest)));
      }
      for (let reads = 0; reads < 4; reads++) {
        const value = Number(service.handle(from("reader", read("x"))).value ?? 0);
        assert(value >= last, `read ${value} after ${last}, ${behind} behind`);
        assert(value > newest - MAX_STATES, `read ${value} of ${newest}`);
        last = value;
      }
    }
    assert(last > 0, "some read returned a value");
  }
});

Deno.test("all states that a client may observe are equally likely", () => {
  const { service: warm } = serviceAfterWrites(31);
  assertEquals(warm.snapshot().states.length, MAX_STATES);
  const counts: number[] = new Array(MAX_STATES).fill(0);
  const draws = 32_000;
  const random = new Random("uniform");
  const service = new Sequential(kvStore, random);
  for (let value = 1; value <= 31; value++) service.handle(from("writer", write("x", value)));
  for (let draw = 0; draw < draws; draw++) {
    const { value } = service.handle(from(`reader${draw}`, read("x")));
    const index = Number(value ?? 0);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const expected = draws / MAX_STATES;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // The upper 0.1 % point of the chi-square distribution with 31 degrees of freedom.
  assert(statistic < 61.1, `chi-square ${statistic}`);
});

function textOf(reply: Body): string {
  if (reply.type === "error") return `error ${reply.code}`;
  return reply.type === "read_ok" ? `read_ok ${reply.value}` : reply.type;
}

Deno.test("10,000 random operations are sequentially consistent", () => {
  const random = new Random("operations");
  const service = new Sequential(kvStore, new Random("service"));
  const oracle = new SequentialOracle(MAX_STATES);
  const clients = ["n0", "n1", "n2", "n3"];
  const replyCounts = new Map<string, number>();
  let stale = 0;
  let clamped = 0;
  for (let count = 0; count < 10_000; count++) {
    // One client sends bursts of reads with long pauses between, so it is always far behind.
    const client = count % 200 < 5 ? "rare" : random.pick(clients);
    const key = random.pick(["x", "y", "z"]);
    const [one, two] = [random.integer(4), random.integer(4)];
    const request = client === "rare" ? read(key) : random.pick([
      read(key),
      read(`${key}${random.integer(1000)}`),
      write(key, count),
      write(key, one),
      cas(key, one, two),
      create(`${key}${random.integer(1000)}`, one, two),
    ]);
    if (oracle.maxLag(client) >= MAX_STATES) clamped += 1;
    const before = service.snapshot();
    const newestReply = textOf(
      kvStore.apply(before.states.at(-1) ?? kvStore.initial, request).reply,
    );
    const reply = textOf(service.handle(from(client, request)));
    oracle.observe(client, request, reply, service.snapshot().newestIndex > before.newestIndex);
    if (reply !== newestReply) stale += 1;
    const kind = reply.split(" ").slice(0, reply.startsWith("error") ? 2 : 1).join(" ");
    replyCounts.set(kind, (replyCounts.get(kind) ?? 0) + 1);
  }
  for (const kind of ["read_ok", "write_ok", "cas_ok", "error 20", "error 22"]) {
    assert((replyCounts.get(kind) ?? 0) > 50, `${kind} occurred ${replyCounts.get(kind)} times`);
  }
  assert(stale > 200, `${stale} stale replies`);
  assert(clamped > 30, `${clamped} requests of a client that was behind the oldest state`);
});

Deno.test("a client observes the newest state after any change of its own", () => {
  const service = new Sequential(kvStore, new Random("fresh"));
  for (let value = 1; value <= 500; value++) {
    service.handle(from("writer", write("x", value)));
    service.handle(from("reader", write("unique", `reader ${value}`)));
    assertEquals(service.handle(from("reader", read("x"))), found(value));
  }
});
