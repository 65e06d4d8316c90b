import { assertEquals } from "std/testing";
import { LogReceiver } from "../../../lib/protocol/broadcast/log_receiver.ts";

Deno.test("a gap that stays is complained of again, a few times for all news that show it", () => {
  const incoming = new LogReceiver();
  incoming.advance(0, 3, 0);
  assertEquals(incoming.nackDeadline, Infinity);
  assertEquals(incoming.advance(5, 7, 10), false);
  assertEquals(incoming.takeNack(10, 100), true);
  assertEquals(incoming.takeNack(50, 100), false);
  const times: number[] = [];
  for (let now = incoming.nackDeadline; now < Infinity; now = incoming.nackDeadline) {
    assertEquals(incoming.takeNack(now, 100), true);
    times.push(now);
  }
  assertEquals(times, [110, 210]);
  // More news from beyond the gap: the peer is there.
  incoming.advance(7, 8, 400);
  assertEquals(incoming.nackDeadline <= 400, true);
});

Deno.test("a gap that is filled, by news, a digest or a new life, is complained of no more", () => {
  const fills: ((incoming: LogReceiver) => void)[] = [
    (incoming) => incoming.advance(3, 8, 20),
    (incoming) => incoming.skipTo(7),
    (incoming) => incoming.reset(),
  ];
  for (const fill of fills) {
    const incoming = new LogReceiver();
    incoming.advance(0, 3, 0);
    incoming.advance(5, 7, 10);
    incoming.takeNack(10, 100);
    assertEquals(incoming.nackDeadline, 110);
    fill(incoming);
    assertEquals(incoming.nackDeadline, Infinity);
  }
});

Deno.test("an offer that comes while another is pending is looked at after it, unless all is asked for", () => {
  const incoming = new LogReceiver();
  const offer = (to: number) => ({ digest: { a: to }, to, deadline: 100 * to });
  incoming.advertise(offer(1));
  incoming.advertise(offer(2));
  incoming.advertise(offer(3));
  assertEquals(incoming.advertised?.to, 1);
  incoming.nextAdvertisement();
  assertEquals(incoming.advertised?.to, 3);
  incoming.nextAdvertisement();
  assertEquals(incoming.advertised, undefined);
  incoming.advertise(offer(4));
  incoming.advertise(offer(5));
  incoming.dropAdvertisements();
  assertEquals(incoming.advertised, undefined);
});
