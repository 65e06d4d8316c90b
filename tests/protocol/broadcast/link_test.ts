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
  me: "them",
  you: "us",
  digest: {},
  at: 0,
  number: 1,
  ...fields,
});

Deno.test("news follow each other, and leave out what the peer told", () => {
  const { log, link } = newLink();
  log.append("a", 0);
  log.merge([["n1.them", 0, "theirs"]], "n1", 1);
  log.append("b", 2);
  assert(link.ready);
  const { from, to, runs, age } = link.news(10);
  assertEquals({ from, to, runs, age }, {
    from: 0,
    to: 3,
    runs: [["n0.us", 0, "a", "b"]],
    age: 10,
  });
  assert(!link.ready);
  log.merge([["n1.them", 1, "more"]], "n1", 11);
  assert(!link.ready, "there is nothing that the peer did not tell");
  log.append("c", 12);
  const next = link.news(12);
  assertEquals([next.from, next.to, next.runs], [3, 5, [["n0.us", 2, "c"]]]);
});

Deno.test("an acknowledged link is not behind; an unacknowledged one repeats with back-off, then opens", () => {
  const { log, link } = newLink();
  link.meet("them");
  log.append("a", 0);
  assert(link.behind);
  link.news(0);
  const first = link.retryDue;
  assertEquals(first, timing.peerQuiet + link.patience);
  link.miss();
  assert(link.ready, "it is to be sent again");
  link.news(first);
  const second = link.retryDue - first;
  assert(second > first, `${second} is longer than ${first}`);
  link.miss();
  link.news(first + second);
  assert(link.retryDue - first - second >= second);
  link.miss();
  assert(link.open && link.behind && !link.ready);
  assertEquals(link.retryDue, Infinity);
  link.acknowledge(1, 0, 5000);
  assert(!link.open && !link.behind);
});

Deno.test("a late acknowledgement of what was sent twice tells nothing about round trips", () => {
  const { log, link } = newLink();
  const before = link.roundTrip.upper;
  log.append("a", 0);
  link.news(0);
  link.miss();
  link.news(500);
  link.acknowledge(1, 0, 510);
  assertEquals(link.roundTrip.upper, before);
  log.append("b", 600);
  link.news(600);
  link.acknowledge(2, 30, 650);
  assertEquals(link.roundTrip.upper, 20);
});

Deno.test("acknowledges when news cease, or have come for long, and not twice", () => {
  const { link } = newLink();
  assertEquals(link.ackDue, Infinity);
  assert(link.in.advance(0, 3, 100));
  assertEquals(link.ackDue, 100 + timing.ackQuiet);
  for (let at = 200; at < 1100; at += 100) link.in.advance(3, 4, at);
  assertEquals(link.ackDue, 100 + timing.ackLongest);
  const { ack, held } = link.acknowledgement(1100);
  assertEquals([ack, held], [4, 900]);
  assertEquals(link.ackDue, Infinity);
});

Deno.test("news behind a gap do not count until it is filled", () => {
  const { link } = newLink();
  assert(link.in.advance(0, 3, 0));
  assert(!link.in.advance(5, 7, 1));
  assertEquals(link.in.received, 3);
  assert(link.in.complains(1, 100) && !link.in.complains(50, 100) && link.in.complains(101, 100));
  assert(link.in.advance(3, 5, 2));
  assertEquals(link.in.received, 5);
});

Deno.test("a digest says what to send, and that it begins at 0", () => {
  const { log, link } = newLink();
  for (const value of ["a", "b", "c"]) log.append(value, 0);
  log.merge([["n2.x", 0, "d"]], "n2", 0);
  link.meet("them");
  link.takeDigest(digest({ digest: { "n0.us": 2 } }), 0);
  const { from, to, runs } = link.news(0);
  assertEquals({ from, to, runs }, { from: 0, to: 4, runs: [["n0.us", 2, "c"], ["n2.x", 0, "d"]] });
  link.acknowledge(4, 0, 10);
  log.append("e", 20);
  assertEquals(link.news(20).from, 4);
});

Deno.test("a long catch-up takes several messages, each beginning where the last one ended", () => {
  const { log, link } = newLink();
  for (let value = 0; value < 1200; value++) log.append(value, 0);
  const messages = [];
  while (link.ready) messages.push(link.news(0));
  assertEquals(messages.map(({ from, to }) => [from, to]), [[0, 500], [500, 1000], [1000, 1200]]);
});

Deno.test("a peer in a new life has forgotten all, until its digest says otherwise", () => {
  const { log, link } = newLink();
  log.append("a", 0);
  assert(!link.meet("them"), "first contact is nothing new");
  link.news(0);
  link.acknowledge(1, 0, 5);
  link.in.advance(0, 9, 5);
  assert(!link.behind);
  assert(link.meet("them again"));
  assert(link.behind && !link.ready);
  assertEquals(link.in.received, 0);
  link.acknowledge(1, 0, 6);
  assert(link.behind, "what a former life had acknowledged does not hold");
  link.takeDigest(digest({ me: "them again" }), 0);
  assert(link.ready);
});

Deno.test("only a digest that names a question answers it, however often it was asked", () => {
  const { link } = newLink();
  link.ask(8, 0);
  link.ask(9, 100);
  link.takeDigest(digest({}), 200);
  link.takeDigest(digest({ answers: 7 }), 200);
  link.takeDigest(digest({ answers: 8, you: "us in a former life" }), 200);
  assert(link.asking && !link.proven);
  link.takeDigest(digest({ answers: 8 }), 350);
  assert(!link.asking && link.proven);
  assertEquals(link.roundTrip.least, 350);
  link.ask(10, 400);
  link.ask(11, 500);
  link.takeDigest(digest({ answers: 11 }), 600);
  assertEquals(link.roundTrip.least, 100);
});

Deno.test("an answer to what another life was asked answers nothing", () => {
  const { link } = newLink();
  link.meet("them");
  link.ask(8, 0);
  assert(link.meet("them again"));
  assert(!link.asking);
  link.ask(9, 100);
  assert(link.meet("them"));
  link.takeDigest(digest({ answers: 8 }), 200);
  assert(!link.proven);
});

Deno.test("what was offered only is sent once the link is eager", () => {
  const { log, link } = newLink();
  link.makeLazy();
  log.append("a", 0);
  assertEquals(link.out.offer(0), 1);
  assert(!link.ready && link.behind);
  link.makeEager();
  assert(link.ready);
  assertEquals(link.news(5).runs, [["n0.us", 0, "a"]]);
});

Deno.test("an offer reaches no further than the digest names everything", () => {
  const { log, link } = newLink();
  log.merge([["n2.x", 0, "a"], ["n2.x", 2, "c"]], "n2", 0);
  link.makeLazy();
  assertEquals(link.out.offer(0), 1);
});
