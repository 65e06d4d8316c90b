import { assert, assertEquals, assertNotEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { createServices, type Service } from "../../lib/service/mod.ts";
import { type Body, SERVICES } from "../../lib/wire/mod.ts";
import { ask, create, found, from, NO_KEY, read, write } from "./requests.ts";

function serviceOf(services: ReadonlyMap<string, Service>, id: string): Service {
  const service = services.get(id);
  assert(service !== undefined, id);
  return service;
}

/** What two nodes read while one of them writes. */
function observations(services: ReadonlyMap<string, Service>, id: string): Body[] {
  const service = serviceOf(services, id);
  const replies: Body[] = [];
  for (let value = 0; value < 100; value++) {
    service.handle(from("n0", write("x", value)));
    replies.push(service.handle(from("n1", read("x"))));
  }
  return replies;
}

Deno.test("there are the four services of Maelstrom", () => {
  assertEquals([...createServices(new Random(1)).keys()], [...SERVICES]);
});

Deno.test("lin-kv is linearizable, seq-kv and lww-kv show old values", () => {
  const services = createServices(new Random(1));
  const newest = Array.from({ length: 100 }, (_, value) => found(value));
  assertEquals(observations(services, "lin-kv"), newest);
  assertNotEquals(observations(services, "seq-kv"), newest);
  assertNotEquals(observations(services, "lww-kv"), newest);
});

Deno.test("lin-kv and seq-kv create by cas, lww-kv does not", () => {
  const services = createServices(new Random(1));
  const replies = ["lin-kv", "seq-kv", "lww-kv"].map((id) =>
    ask(serviceOf(services, id), create("x", null, 1))
  );
  assertEquals(replies, [{ type: "cas_ok" }, { type: "cas_ok" }, NO_KEY]);
});

Deno.test("lin-tso gives timestamps and nothing else", () => {
  const tso = serviceOf(createServices(new Random(1)), "lin-tso");
  assertEquals(ask(tso, { type: "ts" }), { type: "ts_ok", ts: 0 });
  assertEquals(ask(tso, { type: "ts" }), { type: "ts_ok", ts: 1 });
  assertEquals(ask(tso, read("x")).code, 10);
});

Deno.test("services are separate from each other and from those of another test", () => {
  const services = createServices(new Random(1));
  ask(serviceOf(services, "lin-kv"), write("x", 1));
  assertEquals(ask(serviceOf(services, "seq-kv"), read("x")), NO_KEY);
  assertEquals(ask(serviceOf(createServices(new Random(1)), "lin-kv"), read("x")), NO_KEY);
});

Deno.test("one seed gives the same replies, another seed gives others", () => {
  for (const id of ["seq-kv", "lww-kv"]) {
    const replies = observations(createServices(new Random(1)), id);
    assertEquals(observations(createServices(new Random(1)), id), replies);
    assertNotEquals(observations(createServices(new Random(2)), id), replies);
  }
});

Deno.test("the use of one service does not shift what another answers", () => {
  const used = createServices(new Random(1));
  observations(used, "lww-kv");
  assertEquals(
    observations(used, "seq-kv"),
    observations(createServices(new Random(1)), "seq-kv"),
  );
});

Deno.test("with lwwMerges off, a write to lww-kv reaches half of the reads for ever", () => {
  const reads = (lwwMerges: boolean) => {
    const lww = serviceOf(createServices(new Random(1), { lwwMerges }), "lww-kv");
    ask(lww, write("x", 1));
    for (let warmUp = 0; warmUp < 100; warmUp++) ask(lww, read("x"));
    let missed = 0;
    for (let count = 0; count < 1000; count++) missed += ask(lww, read("x")).code === 20 ? 1 : 0;
    return missed;
  };
  assertEquals(reads(true), 0);
  assert(Math.abs(reads(false) - 500) < 80, `${reads(false)} of 1,000 reads missed the write`);
});
