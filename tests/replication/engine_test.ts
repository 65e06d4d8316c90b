import { assert, assertAlmostEquals, assertEquals } from "std/testing";
import { stringifyJson } from "../../lib/base/mod.ts";
import {
  ACK_DELAY_MS,
  eager,
  LATENCY_MS,
  Replicas,
  RETRY,
  type Sent,
  typesOf,
} from "./replicas.ts";

const NODES = ["n0", "n1", "n2"];
const pair = () => new Replicas(["n0", "n1"], (id) => eager([id === "n0" ? "n1" : "n0"]));
const line = () => new Replicas(NODES, (id) => eager(id === "n1" ? ["n0", "n2"] : ["n1"]));
const isBetween = (a: string, b: string) => ({ from, to }: Sent) =>
  (from === a && to === b) || (from === b && to === a);
const sum = (sent: readonly Sent[]) =>
  sent.reduce((bytes, { body }) => bytes + stringifyJson(body).length, 0);

/** A pair that has exchanged values, so that both know each other and the round trip. */
function acquaintedPair(): Replicas {
  const replicas = pair();
  replicas.add("n0", "first of n0");
  replicas.add("n1", "first of n1");
  replicas.run(5000);
  return replicas;
}

Deno.test("a change takes one update and one acknowledgement, then all is quiet", () => {
  const replicas = acquaintedPair();
  replicas.add("n0", "value");
  const sent = replicas.run(60_000);
  assertEquals(typesOf(sent), ["update", "update"]);
  const [update, ack] = sent as [Sent, Sent];
  assertEquals([ack.from, ack.body.ack, ack.body.delta], ["n1", update.body.to, undefined]);
  assertAlmostEquals(ack.atMs - update.atMs, LATENCY_MS + ACK_DELAY_MS, 1);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
});

Deno.test("an acknowledgement rides along with an update in the other direction", () => {
  const replicas = acquaintedPair();
  replicas.add("n0", "there");
  replicas.run(LATENCY_MS + 1);
  replicas.add("n1", "back");
  const sent = replicas.run(60_000);
  assertEquals(sent.map(({ from }) => from), ["n1", "n0"]);
});

Deno.test("an update that was lost is sent again, and a copy is merged once", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  replicas.run(1);
  replicas.delayMs = () => 0;
  const sent = replicas.run(10_000);
  assertEquals(typesOf(sent), ["update", "update"]);
  assertEquals(sent[0]?.body.urgent, true);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
  assertEquals(replicas.of("n1").engine.state.version, 3);
});

Deno.test("a lost acknowledgement costs one retransmission", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = ({ from }) => from === "n1" ? Infinity : 0;
  replicas.add("n0", "value");
  replicas.run(100);
  replicas.delayMs = () => 0;
  const sent = replicas.run(10_000);
  assertEquals(sent.map(({ from }) => from), ["n0", "n1"]);
  assertEquals(replicas.of("n0").engine.sessions.get("n1")?.isUnacked, false);
});

Deno.test("a retransmission does not make the round trip longer", () => {
  const replicas = acquaintedPair();
  const { roundTrip } = replicas.of("n0").engine.session("n1");
  const before = roundTrip.quantile(1);
  assertAlmostEquals(before as number, 2 * LATENCY_MS, 1);
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  replicas.run(1);
  replicas.delayMs = () => 0;
  replicas.run(10_000);
  assert(replicas.marks.includes("changes were retransmitted"));
  assertEquals(roundTrip.quantile(1), before);
});

Deno.test("the round trip leaves out how long the receiver kept the acknowledgement back", () => {
  const replicas = acquaintedPair();
  replicas.add("n0", "value");
  replicas.run(1000);
  const { roundTrip } = replicas.of("n0").engine.session("n1");
  assertAlmostEquals(roundTrip.quantile(1) as number, 2 * LATENCY_MS, 2);
});

Deno.test("after three timeouts a peer is suspected, and gets probes only", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  const first = replicas.run(3000).filter(({ from }) => from === "n0");
  assertEquals(first.filter(({ body }) => body.delta !== undefined).length, RETRY.maxTimeouts);
  replicas.add("n0", "another");
  const later = replicas.run(20_000).filter(({ from }) => from === "n0");
  assert(later.length > 20 && later.every(({ body }) => body.urgent === true), "probes");
  assert(later.every(({ body }) => body.delta === undefined));
  replicas.delayMs = () => 0;
  replicas.run(1000 + 12 * LATENCY_MS);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
  assert(replicas.marks.includes("a suspected peer replied"));
});

Deno.test("a long cut costs bytes in proportion to its length, and the heal what is new", () => {
  const bytesOf = (seconds: number) => {
    const replicas = acquaintedPair();
    replicas.delayMs = () => Infinity;
    let bytes = 0;
    for (let value = 0; value < 50 * seconds; value++) {
      replicas.add("n0", value);
      bytes += sum(replicas.run(20));
    }
    replicas.delayMs = () => 0;
    const healBytes = sum(replicas.run(2000));
    assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
    return { bytes, healBytes, newBytes: stringifyJson(replicas.of("n0").state.values).length };
  };
  const short = bytesOf(20);
  const long = bytesOf(120);
  assert(long.bytes < 7 * short.bytes, `${long.bytes} instead of ${short.bytes} bytes`);
  assert(long.bytes + long.healBytes < 3 * long.newBytes, JSON.stringify(long));
});

Deno.test("a restarted replica gets back everything, in updates of 500 entries", () => {
  const replicas = acquaintedPair();
  replicas.add("n1", ...Array.from({ length: 1200 }, (_, index) => index));
  replicas.run(5000);
  replicas.start("n1");
  const sent = replicas.run(5000);
  assertEquals(replicas.valuesOf("n1").length, 1202);
  const updates = sent.filter(({ from, body }) => from === "n0" && body.delta !== undefined);
  assertEquals(updates.length, 3);
  assert(replicas.marks.includes("a peer was met in a new incarnation"));
});

Deno.test("a replica that restarts with new values of its own exchanges both directions", () => {
  const replicas = acquaintedPair();
  replicas.start("n1");
  replicas.add("n1", "of the new incarnation");
  replicas.run(5000);
  const expected = ['"first of n0"', '"first of n1"', '"of the new incarnation"'];
  assertEquals(replicas.valuesOf("n0"), expected);
  assertEquals(replicas.valuesOf("n1"), expected);
});

Deno.test("a replica that restarts during a partition catches up after the heal", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "during the cut");
  replicas.start("n1");
  replicas.add("n1", "of the new incarnation");
  replicas.run(10_000);
  replicas.delayMs = () => 0;
  replicas.run(1000 + 12 * LATENCY_MS);
  assertEquals(replicas.valuesOf("n0").length, 4);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
});

Deno.test("an update of an earlier incarnation does not count as one of the new", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = ({ from }) => from === "n1" ? 3000 : 0;
  replicas.add("n1", "late");
  replicas.run(1);
  replicas.start("n1");
  replicas.delayMs = () => 0;
  replicas.run(10_000);
  assertEquals(replicas.valuesOf("n0").length, 3);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
});

Deno.test("an update that overtakes another one is kept, and nothing is requested", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = ({ body }) => stringifyJson(body).includes("slow") ? 40 : 0;
  replicas.add("n0", "slow");
  replicas.run(5);
  replicas.add("n0", "fast");
  const sent = replicas.run(5000);
  assertEquals(typesOf(sent), ["update", "update"]);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
});

Deno.test("a gap that does not close is noticed before the sender's timeout", () => {
  const replicas = acquaintedPair();
  replicas.delayMs = ({ body }) => stringifyJson(body).includes("lost") ? Infinity : 0;
  replicas.add("n0", "lost");
  replicas.run(5);
  replicas.add("n0", "seen");
  replicas.run(1);
  replicas.delayMs = () => 0;
  const [first] = replicas.run(5000);
  assertEquals([first?.from, first?.body.type], ["n1", "sync"]);
  assert(replicas.marks.includes("changes were missing"));
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
});

Deno.test("values travel from replica to replica, and never back to where they came from", () => {
  const replicas = line();
  replicas.run(5000);
  replicas.add("n0", "value");
  const sent = replicas.run(5000);
  for (const id of NODES) assertEquals(replicas.valuesOf(id), ['"value"']);
  const updates = sent.filter(({ body }) => body.delta !== undefined);
  assertEquals(updates.map(({ from, to }) => from + to), ["n0n1", "n1n2"]);
});

Deno.test("a replica that cannot be reached gets what is new through another one", () => {
  for (const isOneWay of [false, true]) {
    const all = new Replicas(NODES, (id) => eager(id === "n0" ? ["n1", "n2"] : ["n0"]));
    all.add("n0", "before");
    all.run(5000);
    const isCut = isBetween("n0", "n2");
    all.delayMs = (message) =>
      isCut(message) && !(isOneWay && message.from === "n2") ? Infinity : 0;
    all.add("n0", "of n0");
    all.add("n2", "of n2");
    all.run(20_000);
    assertEquals(all.valuesOf("n2").length, 3, `${isOneWay}`);
    assertEquals(all.valuesOf("n0").length, 3, `${isOneWay}`);
    assert(all.marks.includes("a peer was reached through another one"));
  }
});

Deno.test("a lazy session advertises, and sends on request only", () => {
  const all = new Replicas(
    ["n0", "n1"],
    (id) => eager([id === "n0" ? "n1" : "n0"], { isLazy: true, ihaveTimeoutMs: () => 70 }),
  );
  all.run(5000);
  all.add("n0", "value");
  const sent = all.run(5000);
  const [ihave, request] = sent as [Sent, Sent];
  assertEquals(typesOf(sent).slice(0, 3), ["ihave", "sync", "sync"]);
  assertEquals(request.atMs - ihave.atMs, LATENCY_MS + 70);
  assertEquals(all.valuesOf("n1"), ['"value"']);
  assert(all.marks.includes("advertised changes were requested"));
});

Deno.test("advertised changes are requested immediately by default", () => {
  const all = new Replicas(
    ["n0", "n1"],
    (id) => eager([id === "n0" ? "n1" : "n0"], { isLazy: true }),
  );
  all.run(5000);
  all.add("n0", "value");
  const [ihave, request] = all.run(5000) as [Sent, Sent];
  assertEquals([ihave.body.type, request.atMs - ihave.atMs], ["ihave", LATENCY_MS]);
});

Deno.test("advertised changes that arrive by another way are not requested", () => {
  const all = new Replicas(
    ["n0", "n1"],
    (id) => eager([id === "n0" ? "n1" : "n0"], { isLazy: true, ihaveTimeoutMs: () => 70 }),
  );
  all.run(5000);
  all.add("n0", "value");
  all.run(LATENCY_MS + 30);
  all.of("n1").state.merge([["n0.i0", 0, "value"]], "another", all.now);
  const sent = all.run(5000);
  assertEquals(typesOf(sent).filter((type) => type === "sync"), []);
});

Deno.test("messages of a peer that the policy refuses are ignored", () => {
  const all = new Replicas(
    ["n0", "n1"],
    (id) => id === "n0" ? eager(["n1"]) : eager([], { accepts: () => false }),
  );
  all.add("n0", "value");
  all.run(50);
  assertEquals(all.valuesOf("n1"), []);
  assertEquals(all.sent.filter(({ from }) => from === "n1"), []);
});

Deno.test("messages of unknown nodes are ignored", () => {
  const replicas = pair();
  const effects = replicas.of("n0").engine.handle({
    type: "received",
    peer: "n9",
    body: { type: "update", me: "i9", ack: 0, time: 0, from: 0, to: 0, urgent: true },
  }, 0);
  assertEquals(effects.map(({ type }) => type), ["timer"]);
});

Deno.test("all suspects are probed, and get what is pending within a second of a heal", () => {
  const replicas = new Replicas(NODES, (id) => eager(NODES.filter((node) => node !== id)));
  for (const node of NODES) replicas.add(node, `first of ${node}`);
  replicas.run(5000);
  replicas.delayMs = ({ from, to }) => from === "n0" || to === "n0" ? Infinity : 0;
  replicas.add("n0", "isolated");
  replicas.run(20_000);
  replicas.delayMs = () => 0;
  const probes = replicas.run(800).filter(({ from, body }) => from === "n0" && body.urgent);
  const [first] = probes;
  const together = probes.filter(({ atMs }) => atMs === first?.atMs);
  assertEquals(together.map(({ to }) => to), ["n1", "n2"]);
  for (const id of NODES) assertEquals(replicas.valuesOf(id).length, 4);
});

Deno.test("a replica without peers has nothing to do", () => {
  const alone = new Replicas(["n0"], () => eager([]));
  alone.add("n0", "value");
  assertEquals(alone.run(60_000), []);
  assertEquals(alone.of("n0").timerMs, Infinity);
});

Deno.test("a replica in a partition syncs with peers that it has no session with, others do not", () => {
  for (const isPartitioned of [true, false]) {
    const replicas = new Replicas(NODES, () => eager([], { isPartitioned: () => isPartitioned }));
    replicas.add("n1", "value");
    replicas.run(20_000);
    assertEquals(replicas.valuesOf("n0").length, isPartitioned ? 1 : 0);
  }
});

Deno.test("a relay sends one message in 20 s to a peer that does not reply", () => {
  const replicas = new Replicas(NODES, (id) => eager(id === "n0" ? ["n1"] : []));
  replicas.add("n0", "first");
  replicas.run(1000);
  replicas.delayMs = ({ from, to }) => from === "n1" || to === "n1" ? Infinity : 0;
  replicas.add("n0", "without n1");
  replicas.run(5000);
  const sent = replicas.run(40_000).filter(({ from, to }) => from === "n2" && to === "n1");
  assert(sent.length >= 1 && sent.length <= 3, `${sent.length} messages`);
  const gapsMs = sent.slice(1).map(({ atMs }, index) => atMs - (sent[index] as Sent).atMs);
  assert(gapsMs.every((ms) => ms >= 20_000), `${gapsMs}`);
});

Deno.test("a message for another incarnation is answered by one sync", () => {
  const replicas = acquaintedPair();
  replicas.start("n1");
  replicas.add("n0", "value");
  const sent = replicas.run(100).filter(({ from }) => from === "n1");
  assertEquals(typesOf(sent).slice(0, 1), ["sync"]);
  assertEquals(sent.filter(({ body }) => body.type === "sync").length, 1);
});
