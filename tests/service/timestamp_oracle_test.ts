import { assertEquals } from "std/testing";
import { Linearizable, timestampOracle } from "../../lib/service/mod.ts";
import { send } from "./requests.ts";

Deno.test("timestamps are 0, 1, 2, … across all clients", () => {
  const service = new Linearizable(timestampOracle);
  const replies = ["n1", "n2", "c5", "n1"].map((src) =>
    service.handle({ src, dest: "lin-tso", body: { type: "ts", msg_id: 7 } })
  );
  assertEquals(replies, [0, 1, 2, 3].map((ts) => ({ type: "ts_ok", ts })));
});

Deno.test("an unsupported type is rejected with error 10 and consumes no timestamp", () => {
  const service = new Linearizable(timestampOracle);
  assertEquals(send(service, { type: "read", key: "x" }), {
    type: "error",
    code: 10,
    text: 'unsupported request type "read"; this service supports ts',
  });
  assertEquals(send(service, { type: "ts" }), { type: "ts_ok", ts: 0 });
});
