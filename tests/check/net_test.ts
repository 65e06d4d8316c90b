import { assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { checkNet, countInvocations, type NetEvent, NetStatistics } from "../../lib/check/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";

const send = (id: number, src: string, dest: string): NetEvent => ({ type: "send", id, src, dest });
const recv = (id: number, src: string, dest: string): NetEvent => ({ type: "recv", id, src, dest });

Deno.test("net: counts all messages, those with clients, and those between servers", () => {
  const events = [
    send(0, "c1", "n0"),
    recv(0, "c1", "n0"),
    send(1, "n0", "n1"), // lost
    send(2, "n0", "lin-kv"), // a service is a server
    recv(2, "n0", "lin-kv"),
    send(3, "lin-kv", "n0"),
    recv(3, "lin-kv", "n0"),
    send(4, "n0", "c1"),
    recv(4, "n0", "c1"),
  ];
  assertEquals(checkNet(events, 2), {
    "valid?": true,
    all: { "send-count": 5, "recv-count": 4, "msg-count": 5, "msgs-per-op": 2.5 },
    clients: { "send-count": 2, "recv-count": 2, "msg-count": 2 },
    servers: { "send-count": 3, "recv-count": 2, "msg-count": 3, "msgs-per-op": 1.5 },
  });
});

Deno.test("net: msgs-per-op is absent without operations", () => {
  assertEquals(checkNet([], 0)["all"], { "send-count": 0, "recv-count": 0, "msg-count": 0 });
});

Deno.test("net: msgs-per-op is a 32-bit float", () => {
  const events = Array.from({ length: 84 }, (_, id) => send(id, "n0", "n1"));
  const servers = checkNet(events, 41).servers;
  assertEquals(servers["msgs-per-op"], 2.0487804);
});

Deno.test("net: running counts equal the counts of the whole journal", () => {
  const random = new Random("net");
  const ends = ["c0", "c1", "n0", "n1", "seq-kv"];
  const statistics = new NetStatistics();
  const events: NetEvent[] = [];
  const distinct = new Set<number>();
  for (let id = 0; id < 20_000; id++) {
    const [src, dest] = [random.pick(ends), random.pick(ends)];
    statistics.send(id, src, dest);
    events.push(send(id, src, dest));
    distinct.add(id);
    if (random.chance(0.2)) continue;
    statistics.recv(id, src, dest);
    events.push(recv(id, src, dest));
  }
  const verdict = statistics.verdict(7);
  assertEquals(verdict, checkNet(random.shuffle(events), 7));
  assertEquals(verdict.all["msg-count"], distinct.size);
});

Deno.test("net: counts the invocations of clients, final ones included", () => {
  const history = parseHistory("0 add 1; 0 ok; 1 read; 1 info; 2 read!; 2 ok");
  const nemesis = { ...history[0], process: "nemesis" } as (typeof history)[number];
  assertEquals(countInvocations([...history, nemesis]), 3);
});
