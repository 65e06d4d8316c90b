/**
 * One side of a session: round trips, timeouts, and positions.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { EntryLog, Session } from "../../lib/replication/mod.ts";
import { RETRY } from "./replicas.ts";

/** A session of a replica with some entries, and with measured round trips. */
function newSession(entries: number, roundTripsMs: readonly number[] = []) {
  const log = new EntryLog({ id: "n0", incarnation: "a" });
  for (let value = 0; value < entries; value++) log.add(value, value);
  const session = new Session("n1", log, RETRY);
  for (const ms of roundTripsMs) session.roundTrip.add(ms);
  return { log, session };
}

/** A timing whose acknowledgements wait for as long as they may. */
const timing = (maxAckDelayMs: number) => {
  const delays = { ackDelayMs: 10_000, maxAckDelayMs };
  return { own: delays, peer: delays };
};

Deno.test("a round trip counts at most a second, or twice what few have exceeded", () => {
  const { roundTrip } = newSession(0).session;
  assertEquals(roundTrip.quantile(3 / 4), 250);
  roundTrip.add(5000);
  assertEquals(roundTrip.quantile(1), 1000);
  const { roundTrip: slow } = newSession(0, [100, 100, 100, 100, 500, 700, 900, 900]).session;
  slow.add(5000);
  assertEquals(slow.quantile(1), 1400);
});

Deno.test("replies take as long as three quarters of the round trips, and the spread is to the median", () => {
  const { session } = newSession(0, [10, 20, 40, 80]);
  assertEquals([session.replyMs, session.spreadMs], [140, 10]);
  assertEquals(newSession(0, [10, 20, 40, 80, 90]).session.spreadMs, 30);
  assertEquals(newSession(0).session.spreadMs, Infinity);
});

Deno.test("the timeout of updates starts at the oldest one, or at the last acknowledgement of a part", () => {
  const { session } = newSession(3, Array(8).fill(70));
  session.noteSent(1, 100);
  session.noteSent(2, 150);
  session.noteSent(3, 170);
  assertEquals(session.timeoutDueMs(timing(1000)), 100 + 1000 + 170);
  session.acknowledge(1, 170);
  assertEquals(session.timeoutDueMs(timing(1000)), 170 + 1000 + 170);
  session.acknowledge(2, 220);
  assertEquals(session.timeoutDueMs(timing(1000)), 220 + 1000 + 170);
  session.acknowledge(3, 240);
  assertEquals(session.timeoutDueMs(timing(1000)), Infinity);
});

Deno.test("an old acknowledgement changes nothing", () => {
  const { session } = newSession(3, [70]);
  session.noteSent(3, 0);
  session.acknowledge(2, 100);
  session.timeOut();
  session.acknowledge(1, 200);
  session.acknowledge(2, 200);
  assertEquals([session.acked, session.timeouts], [2, 1]);
});

Deno.test("changes are in doubt after a timeout, until they are acknowledged", () => {
  const { session } = newSession(2);
  assert(session.isReady);
  session.noteSent(1, 0);
  assert(session.isReady, "the second entry");
  session.timeOut();
  assert(session.isReady, "the retransmission");
  session.noteSent(1, 500);
  assert(!session.isReady);
  session.acknowledge(1, 600);
  assert(session.isReady);
});

Deno.test("a peer that has ended its session needs what its summary does not include", () => {
  const { session } = newSession(3);
  session.noteSent(3, 0);
  session.acknowledge(3, 10);
  session.needs({ "n0.a": 3 }, 0);
  assertEquals([session.acked, session.pending], [0, undefined]);
  session.needs({ "n0.a": 3 }, 9);
  assertEquals(session.acked, 3);
});

Deno.test("changes that were only advertised to a peer are pending when it becomes eager", () => {
  for (const isLazy of [true, false]) {
    const { session } = newSession(2);
    session.isLazy = isLazy;
    session.noteSent(2, 0);
    session.makeEager();
    assertEquals([session.pending, session.isLazy], [isLazy ? 0 : undefined, false]);
  }
});

Deno.test("a gap is noticed when a reply is late, by the difference of slow and fast round trips", () => {
  const { session } = newSession(0, [10, 20, 40, 80]);
  session.receiveAhead(2, 3, 1000);
  assertEquals(session.expiryMs, 1000 + 100 + 40 - 10);
});

Deno.test("updates that overtake each other close the gap when the first arrives", () => {
  const { session } = newSession(0, [70]);
  session.receiveAhead(2, 3, 0);
  session.receiveAhead(3, 5, 1);
  session.receiveAhead(7, 8, 2);
  assertEquals(session.expiryMs, 100, "a reply that is late by the margin");
  session.receive(1, 10);
  assertEquals([session.received, session.expiryMs], [1, 100]);
  session.receive(2, 20);
  assertEquals([session.received, session.expiryMs], [5, Infinity]);
});

Deno.test("a new session is for its own peer, has received nothing, and requests nothing", () => {
  const { session } = newSession(1);
  const { isPassive, isRequested, isUrgent, received } = session;
  assertEquals([isPassive, isRequested, isUrgent, received], [false, false, false, 0]);
});

Deno.test("an acknowledgement beyond what was sent counts as sent, too", () => {
  const { session } = newSession(3, [70]);
  session.acknowledge(2, 100);
  assertEquals([session.acked, session.sent, session.pending], [2, 2, 2]);
});

Deno.test("a round trip is from a message to its echo, which is sent once", () => {
  const { session } = newSession(0);
  assertEquals(session.header(1000).echo, undefined);
  session.noteTime(5000, undefined, 1000);
  assertEquals([session.header(1030).echo, session.header(1040).echo], [5030, undefined]);
  assertEquals(session.roundTrip.isMeasured, false);
  session.noteTime(5100, 1020, 1110);
  assertEquals(session.roundTrip.quantile(1), 90);
});

Deno.test("a late duplicate measures no round trip, and is not echoed", () => {
  const { session } = newSession(0, Array(8).fill(70));
  session.noteTime(5000, 930, 1000);
  session.header(1000);
  for (const now of [1000, 60_000]) session.noteTime(5000, 930, now);
  assertEquals(session.roundTrip.quantile(1), 70);
  assertEquals(session.header(60_000).echo, undefined);
  session.noteTime(5001, 931, 1001);
  assertEquals([session.roundTrip.quantile(1), session.header(1001).echo], [70, 5001]);
});

Deno.test("a late duplicate does not show that a suspected peer is back", () => {
  const { session } = newSession(1);
  session.noteTime(5000, 900, 1000);
  session.noteSent(1, 2000);
  for (let timeout = 0; timeout < RETRY.maxTimeouts; timeout++) session.timeOut();
  session.noteTime(5000, 900, 9000);
  assert(session.isSuspected);
  session.noteTime(6000, 8900, 9000);
  assert(!session.isSuspected);
});

Deno.test("a summary makes what it lacks urgent", () => {
  const { session } = newSession(2, [70]);
  session.needs({ "n0.a": 1 }, 0);
  assertEquals([session.isUrgent, session.isRequested, session.pending], [true, true, 1]);
  session.needs({ "n0.a": 2 }, 0);
  assertEquals([session.isRequested, session.pending], [false, undefined]);
});

Deno.test("a message that was sent to a suspected peer measures no round trip", () => {
  const { session } = newSession(0);
  session.isSuspected = true;
  session.noteTime(0, 2000, 60_000);
  session.noteTime(0, 59_000, 60_000);
  assertEquals([session.isSuspected, session.roundTrip.isMeasured], [false, false]);
  session.noteTime(0, 60_000, 60_020);
  assertEquals(session.roundTrip.quantile(1), 20);
});
