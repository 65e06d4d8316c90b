import { assert, assertEquals } from "std/testing";
import { type Json, Random } from "../../lib/base/mod.ts";
import { Eventual, lwwStore } from "../../lib/service/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";
import { ask, cas, found, NO_KEY, read, write } from "./requests.ts";
import { ScriptedRandom } from "./scripted_random.ts";

/** A service whose requests draw, each, the replica to merge from, the one to merge into, and to run on. */
function scripted(...draws: [source: number, target: number, replica: number][]) {
  return new Eventual(lwwStore, new ScriptedRandom(draws.flat()));
}

Deno.test("a request draws source, target and replica, each of two", () => {
  const random = new ScriptedRandom([]);
  ask(new Eventual(lwwStore, random), read("x"));
  assertEquals(random.drawn.map(({ bound }) => bound), [2, 2, 2]);
});

Deno.test("a write is unseen by the other replica until the two meet, and seen at once then", () => {
  const service = scripted([0, 0, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1]);
  assertEquals(ask(service, write("x", 1)), { type: "write_ok" });
  assertEquals(ask(service, read("x")), NO_KEY);
  assertEquals(ask(service, read("x")), NO_KEY);
  assertEquals(ask(service, read("x")), found(1));
});

Deno.test("of two writes that did not know of each other one is lost, by chance of who meets whom", () => {
  for (const [source, target, survivor] of [[0, 1, "zero"], [1, 0, "one"]] as const) {
    const service = scripted([0, 0, 0], [0, 0, 1], [source, target, target], [
      target,
      source,
      source,
    ]);
    ask(service, write("x", "zero"));
    ask(service, write("x", "one"));
    assertEquals(ask(service, read("x")), found(survivor));
    assertEquals(ask(service, read("x")), found(survivor));
  }
});

Deno.test("without merges a write stays on the replica that it reached", () => {
  const random = new ScriptedRandom([0, 0, 0]);
  const service = new Eventual(lwwStore, random, { merges: false });
  ask(service, write("x", 1));
  for (let request = 0; request < 200; request++) {
    const reply = ask(service, read("x"));
    assertEquals(reply, random.drawn.at(-1)?.value === 0 ? found(1) : NO_KEY);
  }
});

Deno.test("once writes stop, all replicas come to agree", () => {
  const service = new Eventual(lwwStore, new Random("converge"));
  for (let index = 0; index < 300; index++) ask(service, write(`k${index % 10}`, index));
  for (let request = 0; request < 100; request++) ask(service, read("k0"));
  const contents = service.snapshot().map(({ values }) => [...values].sort());
  assertEquals(contents[0], contents[1]);
  assertEquals(contents[0]?.length, 10);
});

interface NaiveReplica {
  clock: number;
  values: Map<string, { timestamp: number; value: Json }>;
}

/** Applies one request to the replicas of a naive model, by plain maps that are changed in place. */
function naive(replicas: readonly NaiveReplica[], draws: readonly number[], request: Body): string {
  const [source, target, replica] = draws.map((draw) => replicas[draw] as NaiveReplica);
  if (source === undefined || target === undefined || replica === undefined) return "no replica";
  target.clock = Math.max(target.clock, source.clock);
  for (const [key, theirs] of source.values) {
    const mine = target.values.get(key);
    if (mine === undefined || theirs.timestamp >= mine.timestamp) target.values.set(key, theirs);
  }
  const key = String(request.key);
  const current = replica.values.get(key);
  const store = (value: Json) => replica.values.set(key, { timestamp: replica.clock++, value });
  if (request.type === "write") {
    store(request.value as Json);
    return "write_ok";
  }
  if (current === undefined) return "20";
  if (request.type === "read") return `read ${current.value}`;
  if (current.value !== request.from) return "22";
  store(request.to as Json);
  return "cas_ok";
}

Deno.test("10,000 random requests agree with a naive model of two replicas", () => {
  const service = new ScriptedRandom([], "draws");
  const eventual = new Eventual(lwwStore, service);
  const replicas: NaiveReplica[] = [
    { clock: 0, values: new Map() },
    { clock: 0, values: new Map() },
  ];
  const random = new Random("requests");
  const seen = new Map<string, number>();
  for (let count = 0; count < 10_000; count++) {
    const key = `k${random.integer(20)}`;
    const request = random.pick([
      read(key),
      write(key, random.integer(5)),
      cas(key, random.integer(5), random.integer(5)),
    ]);
    const reply = ask(eventual, request);
    const text = reply.type === "error"
      ? String(reply.code)
      : reply.type === "read_ok"
      ? `read ${reply.value}`
      : reply.type;
    const draws = service.drawn.slice(-3).map(({ value }) => value);
    assertEquals(text, naive(replicas, draws, request), `request ${count}`);
    seen.set(text, (seen.get(text) ?? 0) + 1);
  }
  for (const outcome of ["write_ok", "cas_ok", "20", "22", "read 0", "read 4"]) {
    assert((seen.get(outcome) ?? 0) > 3, `${outcome} was seen ${seen.get(outcome)} times`);
  }
});
