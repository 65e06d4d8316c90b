import { assertEquals } from "std/testing";
import { kvStore, Linearizable, timestampOracle } from "../../lib/service/mod.ts";
import { cas, found, from, read, write } from "./requests.ts";

Deno.test("every client observes all operations that completed before", () => {
  const service = new Linearizable(kvStore);
  for (let value = 0; value < 200; value++) {
    assertEquals(service.handle(from(`n${value % 3}`, write("x", value))), { type: "write_ok" });
    assertEquals(service.handle(from(`n${(value + 1) % 3}`, read("x"))), found(value));
  }
});

Deno.test("of three compare-and-sets that expect the same value, one succeeds", () => {
  const service = new Linearizable(kvStore);
  service.handle(from("n0", write("x", 0)));
  const replies = [1, 2, 3].map((value) => service.handle(from(`n${value}`, cas("x", 0, value))));
  assertEquals(replies.map((reply) => reply.type), ["cas_ok", "error", "error"]);
  assertEquals(service.handle(from("n2", read("x"))), found(1));
});

Deno.test("a snapshot is immutable", () => {
  const service = new Linearizable(timestampOracle);
  service.handle(from("n1", { type: "ts" }));
  const snapshot = service.snapshot();
  service.handle(from("n1", { type: "ts" }));
  assertEquals([snapshot, service.snapshot()], [1, 2]);
});
