import { assert, assertEquals } from "std/testing";
import { Link } from "../../../lib/protocol/broadcast/link.ts";
import type { DigestMessage } from "../../../lib/protocol/broadcast/messages.ts";
import { ValueLog } from "../../../lib/protocol/broadcast/value_log.ts";
import { timing } from "./strategies.ts";

function newLink() {
  const log = new ValueLog("n0.us");
  return { log, link: new Link("n1", log, "us", timing) };
}

const digest = (fields: Partial<DigestMessage>): DigestMessage => ({
  type: "digest",
  inc: "them",
  peer: "us",
  digest: {},
  to: 0,
  seq: 1,
  ...fields,
});

Deno.test("deltas continue where the last one ended, and omit the peer's own entries", () => {
  const { log, link } = newLink();
  log.append("a", 0);
  log.merge([["n1.them", 0, "theirs"]], "n1", 1);
  log.append("b", 2);
  assert(link.canPush);
  const { from, to, runs, age } = link.nextDelta(10);
  assertEquals({ from, to, runs, age }, {
    from: 0,
    to: 3,
    runs: [["n0.us", 0, "a", "b"]],
    age: 10,
  });
  assert(!link.canPush);
  log.merge([["n1.them", 1, "more"]], "n1", 11);
  assert(!link.canPush, "the peer sent all new entries itself");
  log.append("c", 12);
  const next = link.nextDelta(12);
  assertEquals([next.from, next.to, next.runs], [3, 5, [["n0.us", 2, "c"]]]);
});

Deno.test("an acknowledged link is not behind; another retransmits with back-off, then opens", () => {
  const { log, link } = newLink();
  link.observeIncarnation("them");
  log.append("a", 0);
  assert(link.isBehind);
  link.nextDelta(0);
  const first = link.retransmitDeadline;
  assertEquals(first, timing.peerAckDelayMs + link.rtoMs);
  link.timedOut();
  assert(link.canPush, "the entry must be retransmitted");
  link.nextDelta(first);
  const second = link.retransmitDeadline - first;
  assert(second > first, `${second} ms after ${first} ms`);
  link.timedOut();
  link.nextDelta(first + second);
  assert(link.retransmitDeadline - first - second >= second);
  link.timedOut();
  assert(link.isOpen && link.isBehind && !link.canPush);
  assertEquals(link.retransmitDeadline, Infinity);
  link.acknowledge(1, 0, 5000);
  assert(!link.isOpen && !link.isBehind);
});

Deno.test("the acknowledgement of a retransmission yields no round-trip sample", () => {
  const { log, link } = newLink();
  const before = link.roundTrip.upperMs;
  log.append("a", 0);
  link.nextDelta(0);
  link.timedOut();
  link.nextDelta(500);
  link.acknowledge(1, 0, 510);
  assertEquals(link.roundTrip.upperMs, before);
  log.append("b", 600);
  link.nextDelta(600);
  link.acknowledge(2, 30, 650);
  assertEquals(link.roundTrip.upperMs, 20);
});

Deno.test("acknowledges once, after the last delta or after the longest ack delay", () => {
  const { link } = newLink();
  assertEquals(link.ackDeadline, Infinity);
  assert(link.receiver.advance(0, 3, 100));
  assertEquals(link.ackDeadline, 100 + timing.ackDelayMs);
  for (let at = 200; at < 1100; at += 100) link.receiver.advance(3, 4, at);
  assertEquals(link.ackDeadline, 100 + timing.maxAckDelayMs);
  const { ack, delay } = link.acknowledgement(1100);
  assertEquals([ack, delay], [4, 900]);
  assertEquals(link.ackDeadline, Infinity);
});

Deno.test("deltas after a gap do not count until the gap is filled", () => {
  const { link } = newLink();
  assert(link.receiver.advance(0, 3, 0));
  assert(!link.receiver.advance(5, 7, 1));
  assertEquals(link.receiver.received, 3);
  assert(
    link.receiver.takeNack(1, 100) && !link.receiver.takeNack(50, 100) &&
      link.receiver.takeNack(101, 100),
  );
  assert(link.receiver.advance(3, 5, 2));
  assertEquals(link.receiver.received, 5);
});

Deno.test("after a digest the link sends what the digest does not cover, from 0", () => {
  const { log, link } = newLink();
  for (const value of ["a", "b", "c"]) log.append(value, 0);
  log.merge([["n2.x", 0, "d"]], "n2", 0);
  link.observeIncarnation("them");
  link.receiveDigest(digest({ digest: { "n0.us": 2 } }), 0);
  const { from, to, runs } = link.nextDelta(0);
  assertEquals({ from, to, runs }, { from: 0, to: 4, runs: [["n0.us", 2, "c"], ["n2.x", 0, "d"]] });
  link.acknowledge(4, 0, 10);
  log.append("e", 20);
  assertEquals(link.nextDelta(20).from, 4);
});

Deno.test("a long catch-up takes several deltas, each from where the last one ended", () => {
  const { log, link } = newLink();
  for (let value = 0; value < 1200; value++) log.append(value, 0);
  const messages = [];
  while (link.canPush) messages.push(link.nextDelta(0));
  assertEquals(messages.map(({ from, to }) => [from, to]), [[0, 500], [500, 1000], [1000, 1200]]);
});

Deno.test("a new incarnation of a peer has nothing until its digest shows otherwise", () => {
  const { log, link } = newLink();
  log.append("a", 0);
  assert(!link.observeIncarnation("them"), "first contact is not a change of incarnation");
  link.nextDelta(0);
  link.acknowledge(1, 0, 5);
  link.receiver.advance(0, 9, 5);
  assert(!link.isBehind);
  assert(link.observeIncarnation("them again"));
  assert(link.isBehind && !link.canPush);
  assertEquals(link.receiver.received, 0);
  link.acknowledge(1, 0, 6);
  assert(link.isBehind, "acknowledgements of the previous incarnation do not count");
  link.receiveDigest(digest({ inc: "them again" }), 0);
  assert(link.canPush);
});

Deno.test("only a digest that names an outstanding request replies to it", () => {
  const { link } = newLink();
  link.digestRequested(8, 0);
  link.digestRequested(9, 100);
  link.receiveDigest(digest({}), 200);
  link.receiveDigest(digest({ request: 7 }), 200);
  link.receiveDigest(digest({ request: 8, peer: "our previous incarnation" }), 200);
  assert(link.awaitsDigest && !link.hasReplied);
  link.receiveDigest(digest({ request: 8 }), 350);
  assert(!link.awaitsDigest && link.hasReplied);
  assertEquals(link.roundTrip.minMs, 350);
  link.digestRequested(10, 400);
  link.digestRequested(11, 500);
  link.receiveDigest(digest({ request: 11 }), 600);
  assertEquals(link.roundTrip.minMs, 100);
});

Deno.test("a reply to a request to another incarnation does not count", () => {
  const { link } = newLink();
  link.observeIncarnation("them");
  link.digestRequested(8, 0);
  assert(link.observeIncarnation("them again"));
  assert(!link.awaitsDigest);
  link.digestRequested(9, 100);
  assert(link.observeIncarnation("them"));
  link.receiveDigest(digest({ request: 8 }), 200);
  assert(!link.hasReplied);
});

Deno.test("entries that were only advertised are sent when the link becomes eager", () => {
  const { log, link } = newLink();
  link.makeLazy();
  log.append("a", 0);
  assertEquals(link.sender.advertise(0), 1);
  assert(!link.canPush && link.isBehind);
  link.makeEager();
  assert(link.canPush);
  assertEquals(link.nextDelta(5).runs, [["n0.us", 0, "a"]]);
});

Deno.test("an advertisement covers the log up to the first gap", () => {
  const { log, link } = newLink();
  log.merge([["n2.x", 0, "a"], ["n2.x", 2, "c"]], "n2", 0);
  link.makeLazy();
  assertEquals(link.sender.advertise(0), 1);
});
