import { assertEquals } from "std/testing";
import { Incoming } from "../../../lib/protocol/broadcast/incoming.ts";

Deno.test("a gap that stays is complained of again, a few times for all news that show it", () => {
  const incoming = new Incoming();
  incoming.advance(0, 3, 0);
  assertEquals(incoming.complaintDue, Infinity);
  assertEquals(incoming.advance(5, 7, 10), false);
  assertEquals(incoming.complains(10, 100), true);
  assertEquals(incoming.complains(50, 100), false);
  const times: number[] = [];
  for (let now = incoming.complaintDue; now < Infinity; now = incoming.complaintDue) {
    assertEquals(incoming.complains(now, 100), true);
    times.push(now);
  }
  assertEquals(times, [110, 210]);
  // More news from beyond the gap: the peer is there.
  incoming.advance(7, 8, 400);
  assertEquals(incoming.complaintDue <= 400, true);
});

Deno.test("a gap that is filled, by news, a digest or a new life, is complained of no more", () => {
  const fills: ((incoming: Incoming) => void)[] = [
    (incoming) => incoming.advance(3, 8, 20),
    (incoming) => incoming.cover(7),
    (incoming) => incoming.forget(),
  ];
  for (const fill of fills) {
    const incoming = new Incoming();
    incoming.advance(0, 3, 0);
    incoming.advance(5, 7, 10);
    incoming.complains(10, 100);
    assertEquals(incoming.complaintDue, 110);
    fill(incoming);
    assertEquals(incoming.complaintDue, Infinity);
  }
});

Deno.test("an offer that comes while another is pending is looked at after it, unless all is asked for", () => {
  const incoming = new Incoming();
  const offer = (at: number) => ({ digest: { a: at }, at, due: 100 * at });
  incoming.offer(offer(1));
  incoming.offer(offer(2));
  incoming.offer(offer(3));
  assertEquals(incoming.offered?.at, 1);
  incoming.settleOffer();
  assertEquals(incoming.offered?.at, 3);
  incoming.settleOffer();
  assertEquals(incoming.offered, undefined);
  incoming.offer(offer(4));
  incoming.offer(offer(5));
  incoming.dropOffers();
  assertEquals(incoming.offered, undefined);
});
