import { assertEquals } from "std/testing";
import { Linearizable, tsoStore } from "../../lib/service/mod.ts";
import { ask } from "./requests.ts";

Deno.test("timestamps are 0, 1, 2, … whoever asks", () => {
  const service = new Linearizable(tsoStore);
  const replies = ["n1", "n2", "c5", "n1"].map((src) =>
    service.handle({ src, dest: "lin-tso", body: { type: "ts", msg_id: 7 } })
  );
  assertEquals(replies, [0, 1, 2, 3].map((ts) => ({ type: "ts_ok", ts })));
});

Deno.test("an unknown type is error 10 and takes no timestamp", () => {
  const service = new Linearizable(tsoStore);
  assertEquals(ask(service, { type: "read", key: "x" }), {
    type: "error",
    code: 10,
    text: 'this service knows ts, not "read"',
  });
  assertEquals(ask(service, { type: "ts" }), { type: "ts_ok", ts: 0 });
});
