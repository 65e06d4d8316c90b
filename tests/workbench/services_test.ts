import { assertEquals } from "std/testing";
import { Double, Random } from "../../lib/base/mod.ts";
import { Network } from "../../lib/workbench/network.ts";
import { startServices } from "../../lib/workbench/services.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";

/** Sends bodies to lin-kv, one after another, and returns its replies. */
function repliesTo(...bodies: readonly unknown[]): unknown[] {
  const clock = new VirtualClock();
  const network = new Network({
    clock,
    random: new Random("1"),
    latency: { meanMs: 0, distribution: "constant" },
    journal: () => {},
  });
  startServices(network, new Random("2"));
  const replies: unknown[] = [];
  network.add("n0", ({ src, dest, body }) => void replies.push([src, dest, body]));
  for (const body of bodies) {
    network.send({ src: "n0", dest: "lin-kv", body });
    while (clock.step());
  }
  return replies;
}

const read = { type: "read", key: "k" };
const write = { type: "write", key: "k", value: 1 };

Deno.test("a service replies to the sender with the id of the request", () => {
  assertEquals(repliesTo({ ...write, msg_id: 1 }, { ...read, msg_id: 0 }), [
    ["lin-kv", "n0", { type: "write_ok", in_reply_to: 1 }],
    ["lin-kv", "n0", { type: "read_ok", value: 1, in_reply_to: 0 }],
  ]);
});

Deno.test("a reply repeats an id of any form, as in Maelstrom", () => {
  for (const id of [new Double(7), "seven", 2n ** 70n, [7]]) {
    const [reply] = repliesTo({ ...write, msg_id: id, in_reply_to: id });
    assertEquals(reply, ["lin-kv", "n0", { type: "write_ok", in_reply_to: id }]);
  }
});

Deno.test("a request without an id is executed and gets no reply", () => {
  for (const request of [write, { ...write, msg_id: null }]) {
    assertEquals(repliesTo(request, { ...read, msg_id: 2 }), [
      ["lin-kv", "n0", { type: "read_ok", value: 1, in_reply_to: 2 }],
    ]);
  }
});

Deno.test("a service ignores a malformed request", () => {
  for (const body of [{}, { msg_id: 1 }, { type: 7, msg_id: 1 }, [1], null, "text"]) {
    assertEquals(repliesTo(body), []);
  }
});
