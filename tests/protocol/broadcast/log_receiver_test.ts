import { assertEquals } from "std/testing";
import { LogReceiver } from "../../../lib/protocol/broadcast/log_receiver.ts";

Deno.test("a gap that stays causes a few NACKs for each delta beyond it", () => {
  const receiver = new LogReceiver();
  receiver.advance(0, 3, 0);
  assertEquals(receiver.nackDeadline, Infinity);
  assertEquals(receiver.advance(5, 7, 10), false);
  assertEquals(receiver.takeNack(10, 100), true);
  assertEquals(receiver.takeNack(50, 100), false);
  const times: number[] = [];
  for (let now = receiver.nackDeadline; now < Infinity; now = receiver.nackDeadline) {
    assertEquals(receiver.takeNack(now, 100), true);
    times.push(now);
  }
  assertEquals(times, [110, 210]);
  // Another delta beyond the gap shows that the peer is alive.
  receiver.advance(7, 8, 400);
  assertEquals(receiver.nackDeadline <= 400, true);
});

Deno.test("a gap that a delta, a digest or a new incarnation fills causes no more NACKs", () => {
  const fills: ((receiver: LogReceiver) => void)[] = [
    (receiver) => receiver.advance(3, 8, 20),
    (receiver) => receiver.skipTo(7),
    (receiver) => receiver.reset(),
  ];
  for (const fill of fills) {
    const receiver = new LogReceiver();
    receiver.advance(0, 3, 0);
    receiver.advance(5, 7, 10);
    receiver.takeNack(10, 100);
    assertEquals(receiver.nackDeadline, 110);
    fill(receiver);
    assertEquals(receiver.nackDeadline, Infinity);
  }
});

Deno.test("an advertisement waits for the pending one, unless all entries are requested", () => {
  const receiver = new LogReceiver();
  const advertisement = (to: number) => ({ digest: { a: to }, to, deadline: 100 * to });
  receiver.advertise(advertisement(1));
  receiver.advertise(advertisement(2));
  receiver.advertise(advertisement(3));
  assertEquals(receiver.advertised?.to, 1);
  receiver.nextAdvertisement();
  assertEquals(receiver.advertised?.to, 3);
  receiver.nextAdvertisement();
  assertEquals(receiver.advertised, undefined);
  receiver.advertise(advertisement(4));
  receiver.advertise(advertisement(5));
  receiver.dropAdvertisements();
  assertEquals(receiver.advertised, undefined);
});
