import { assert, assertEquals } from "std/testing";
import { type Json, Random } from "../../lib/base/mod.ts";
import { Eventual, lwwStore } from "../../lib/service/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";
import { cas, found, NO_KEY, read, send, write } from "./requests.ts";
import { ScriptedRandom } from "./scripted_random.ts";

/** Creates a service with scripted draws: each request merges source into target and runs on replica. */
function scripted(...draws: [source: number, target: number, replica: number][]) {
  return new Eventual(lwwStore, new ScriptedRandom(draws.flat()));
}

Deno.test("a request draws source, target and replica from the two replicas", () => {
  const random = new ScriptedRandom([]);
  send(new Eventual(lwwStore, random), read("x"));
  assertEquals(random.drawn.map(({ bound }) => bound), [2, 2, 2]);
});

Deno.test("the other replica returns a write immediately after a merge, not before", () => {
  const service = scripted([0, 0, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1]);
  assertEquals(send(service, write("x", 1)), { type: "write_ok" });
  assertEquals(send(service, read("x")), NO_KEY);
  assertEquals(send(service, read("x")), NO_KEY);
  assertEquals(send(service, read("x")), found(1));
});

Deno.test("of two concurrent writes, the source of the next merge keeps its own", () => {
  for (const [source, target, survivor] of [[0, 1, "zero"], [1, 0, "one"]] as const) {
    const service = scripted([0, 0, 0], [0, 0, 1], [source, target, target], [
      target,
      source,
      source,
    ]);
    send(service, write("x", "zero"));
    send(service, write("x", "one"));
    assertEquals(send(service, read("x")), found(survivor));
    assertEquals(send(service, read("x")), found(survivor));
  }
});

Deno.test("without merges, a write stays on the replica that received it", () => {
  const random = new ScriptedRandom([0, 0, 0]);
  const service = new Eventual(lwwStore, random, { merges: false });
  send(service, write("x", 1));
  for (let request = 0; request < 200; request++) {
    const reply = send(service, read("x"));
    assertEquals(reply, random.drawn.at(-1)?.value === 0 ? found(1) : NO_KEY);
  }
});

Deno.test("the replicas converge after the last write", () => {
  const service = new Eventual(lwwStore, new Random("converge"));
  for (let index = 0; index < 300; index++) send(service, write(`k${index % 10}`, index));
  for (let request = 0; request < 100; request++) send(service, read("k0"));
  const contents = service.snapshot().map(({ values }) => [...values].sort());
  assertEquals(contents[0], contents[1]);
  assertEquals(contents[0]?.length, 10);
});

interface NaiveReplica {
  clock: number;
  values: Map<string, { timestamp: number; value: Json }>;
}

/** Applies a request to a naive model whose replicas are mutable maps; returns the reply as text. */
function applyNaively(
  replicas: readonly NaiveReplica[],
  draws: readonly number[],
  request: Body,
): string {
  const [source, target, replica] = draws.map((draw) => replicas[draw] as NaiveReplica);
  if (source === undefined || target === undefined || replica === undefined) return "no replica";
  target.clock = Math.max(target.clock, source.clock);
  for (const [key, incoming] of source.values) {
    const present = target.values.get(key);
    if (present === undefined || incoming.timestamp >= present.timestamp) {
      target.values.set(key, incoming);
    }
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
  const draws = new ScriptedRandom([], "draws");
  const eventual = new Eventual(lwwStore, draws);
  const replicas: NaiveReplica[] = [
    { clock: 0, values: new Map() },
    { clock: 0, values: new Map() },
  ];
  const random = new Random("requests");
  const outcomes = new Map<string, number>();
  for (let count = 0; count < 10_000; count++) {
    const key = `k${random.integer(20)}`;
    const request = random.pick([
      read(key),
      write(key, random.integer(5)),
      cas(key, random.integer(5), random.integer(5)),
    ]);
    const reply = send(eventual, request);
    const text = reply.type === "error"
      ? String(reply.code)
      : reply.type === "read_ok"
      ? `read ${reply.value}`
      : reply.type;
    const lastDraws = draws.drawn.slice(-3).map(({ value }) => value);
    assertEquals(text, applyNaively(replicas, lastDraws, request), `request ${count}`);
    outcomes.set(text, (outcomes.get(text) ?? 0) + 1);
  }
  for (const outcome of ["write_ok", "cas_ok", "20", "22", "read 0", "read 4"]) {
    assert((outcomes.get(outcome) ?? 0) > 3, `${outcome} occurred ${outcomes.get(outcome)} times`);
  }
});
