import { assert, assertEquals, assertNotEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { createServices, type Service } from "../../lib/service/mod.ts";
import { type Body, SERVICES } from "../../lib/wire/mod.ts";
import { create, found, from, NO_KEY, read, send, write } from "./requests.ts";

function serviceOf(services: ReadonlyMap<string, Service>, id: string): Service {
  const service = services.get(id);
  assert(service !== undefined, id);
  return service;
}

/** Returns the replies to reads of one node while another node writes. */
function observations(services: ReadonlyMap<string, Service>, id: string): Body[] {
  const service = serviceOf(services, id);
  const replies: Body[] = [];
  for (let value = 0; value < 100; value++) {
    service.handle(from("n0", write("x", value)));
    replies.push(service.handle(from("n1", read("x"))));
  }
  return replies;
}

Deno.test("createServices creates Maelstrom's four services", () => {
  assertEquals([...createServices(new Random(1)).keys()], [...SERVICES]);
});

Deno.test("lin-kv returns the newest value; seq-kv and lww-kv return stale values", () => {
  const services = createServices(new Random(1));
  const newest = Array.from({ length: 100 }, (_, value) => found(value));
  assertEquals(observations(services, "lin-kv"), newest);
  assertNotEquals(observations(services, "seq-kv"), newest);
  assertNotEquals(observations(services, "lww-kv"), newest);
});

Deno.test("lin-kv and seq-kv support create_if_not_exists, lww-kv does not", () => {
  const services = createServices(new Random(1));
  const replies = ["lin-kv", "seq-kv", "lww-kv"].map((id) =>
    send(serviceOf(services, id), create("x", null, 1))
  );
  assertEquals(replies, [{ type: "cas_ok" }, { type: "cas_ok" }, NO_KEY]);
});

Deno.test("lin-tso replies with timestamps and supports no other request", () => {
  const tso = serviceOf(createServices(new Random(1)), "lin-tso");
  assertEquals(send(tso, { type: "ts" }), { type: "ts_ok", ts: 0 });
  assertEquals(send(tso, { type: "ts" }), { type: "ts_ok", ts: 1 });
  assertEquals(send(tso, read("x")).code, 10);
});

Deno.test("services share no state with each other or across calls of createServices", () => {
  const services = createServices(new Random(1));
  send(serviceOf(services, "lin-kv"), write("x", 1));
  assertEquals(send(serviceOf(services, "seq-kv"), read("x")), NO_KEY);
  assertEquals(send(serviceOf(createServices(new Random(1)), "lin-kv"), read("x")), NO_KEY);
});

Deno.test("equal seeds give equal replies, and different seeds give different replies", () => {
  for (const id of ["seq-kv", "lww-kv"]) {
    const replies = observations(createServices(new Random(1)), id);
    assertEquals(observations(createServices(new Random(1)), id), replies);
    assertNotEquals(observations(createServices(new Random(2)), id), replies);
  }
});

Deno.test("requests to one service do not affect the replies of another", () => {
  const used = createServices(new Random(1));
  observations(used, "lww-kv");
  assertEquals(
    observations(used, "seq-kv"),
    observations(createServices(new Random(1)), "seq-kv"),
  );
});

Deno.test("without lwwMerges, half of all reads never return a write to lww-kv", () => {
  const countStaleReads = (lwwMerges: boolean) => {
    const lww = serviceOf(createServices(new Random(1), { lwwMerges }), "lww-kv");
    send(lww, write("x", 1));
    for (let warmUp = 0; warmUp < 100; warmUp++) send(lww, read("x"));
    let stale = 0;
    for (let count = 0; count < 1000; count++) stale += send(lww, read("x")).code === 20 ? 1 : 0;
    return stale;
  };
  assertEquals(countStaleReads(true), 0);
  assert(
    Math.abs(countStaleReads(false) - 500) < 80,
    `${countStaleReads(false)} of 1,000 reads were stale`,
  );
});
