import { assert, assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { partitionRule } from "../../lib/workbench/fault/mod.ts";
import { sleep } from "../../lib/workbench/clock.ts";
import type { JournalEvent } from "../../lib/workbench/journal.ts";
import { Network, UndeliverableError } from "../../lib/workbench/network.ts";
import type { NetworkRule, SendAction } from "../../lib/workbench/rule.ts";
import { VirtualClock } from "../../lib/workbench/sim/virtual_clock.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";

type Latency = TestOptions["latency"];

/** A network whose receivers record each delivery. */
class NetworkHarness {
  readonly clock = new VirtualClock();
  readonly network: Network;
  readonly journal: JournalEvent[] = [];
  /** The deliveries, as `12 n0→n1 text` after 12 ms. */
  readonly arrivals: string[] = [];

  constructor(latency: number | Latency = 0, serial = true, seed = "1") {
    this.network = new Network({
      serial,
      clock: this.clock,
      random: new Random(seed),
      latency: typeof latency === "number"
        ? { meanMs: latency, distribution: "constant" }
        : latency,
      journal: (event) => this.journal.push(event),
    });
    for (const id of ["n0", "n1", "n2", "lin-kv"]) this.network.add(id, this.record);
  }

  readonly record = ({ src, dest, body }: { src: string; dest: string; body: unknown }) => {
    this.arrivals.push(`${this.clock.now()} ${src}→${dest} ${body}`);
  };

  send(src: string, dest: string, body: unknown): void {
    this.network.send({ src, dest, body });
  }

  at(timeMs: number, code: () => void): void {
    this.clock.after(timeMs, code);
  }

  run(): string[] {
    while (this.clock.step());
    return this.arrivals;
  }
}

Deno.test("clients' messages have no latency; those between nodes and services do", () => {
  const harness = new NetworkHarness(100);
  const client = harness.network.addClient(harness.record);
  assertEquals(client, "c0");
  harness.send("c0", "n0", "request");
  harness.send("n1", "c0", "reply");
  harness.send("n1", "n2", "gossip");
  harness.send("n2", "lin-kv", "read");
  assertEquals(harness.run(), [
    "0 c0→n0 request",
    "0 n1→c0 reply",
    "100 n1→n2 gossip",
    "100 n2→lin-kv read",
  ]);
});

Deno.test("a client's request waits behind a delayed message that its node has taken (head-of-line blocking)", () => {
  const run = (harness: NetworkHarness) => {
    harness.network.addClient(harness.record);
    harness.send("n1", "n0", "gossip");
    harness.at(10, () => harness.send("c0", "n0", "request"));
    harness.at(20, () => harness.send("c0", "n1", "to another node"));
    return harness.run();
  };
  assertEquals(run(new NetworkHarness(100)), [
    "20 c0→n1 to another node",
    "100 n1→n0 gossip",
    "100 c0→n0 request",
  ]);
  assertEquals(run(new NetworkHarness(100, false)), [
    "10 c0→n0 request",
    "20 c0→n1 to another node",
    "100 n1→n0 gossip",
  ]);
});

Deno.test("a receiver takes the message with the earliest due time next", () => {
  const harness = new NetworkHarness(100);
  harness.network.addClient(harness.record);
  harness.send("n1", "n0", "first");
  harness.at(50, () => harness.send("n1", "n0", "due at 150"));
  harness.at(60, () => harness.send("c0", "n0", "due at 60"));
  harness.at(70, () => harness.send("c0", "n0", "due at 70"));
  assertEquals(harness.run(), [
    "100 n1→n0 first",
    "100 c0→n0 due at 60",
    "100 c0→n0 due at 70",
    "150 n1→n0 due at 150",
  ]);
});

Deno.test("a receiver gets the next message when the promise of the last one resolves", async () => {
  const harness = new NetworkHarness();
  harness.network.add("slow", async (message) => {
    harness.record(message);
    await sleep(harness.clock, 30);
  });
  for (const text of ["a", "b", "c"]) harness.send("n0", "slow", text);
  for (let turn = 0; turn < 20; turn++) {
    harness.clock.step();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assertEquals(harness.arrivals, ["0 n0→slow a", "30 n0→slow b", "60 n0→slow c"]);
});

const traffic = fc.array(
  fc.record({
    at: fc.nat(300),
    src: fc.constantFrom("n0", "n1", "c0"),
    dest: fc.constantFrom("n1", "n2", "lin-kv"),
  }),
  { maxLength: 60 },
);

for (const serial of [true, false]) {
  Deno.test(`every message is delivered once and never early, ${serial ? "serially" : "independently"}`, () => {
    fc.assert(
      fc.property(
        traffic,
        fc.constantFrom("constant", "uniform", "exponential"),
        (sends, shape) => {
          const harness = new NetworkHarness({ meanMs: 40, distribution: shape }, serial);
          harness.network.addClient(harness.record);
          for (const { at, src, dest } of sends) harness.at(at, () => harness.send(src, dest, at));
          harness.run();
          const sent = harness.journal.filter(({ type }) => type === "send");
          const received = harness.journal.filter(({ type }) => type === "recv");
          const ids = (events: JournalEvent[]) => events.map(({ id }) => id).sort((a, b) => a - b);
          assertEquals(ids(sent), sends.map((_, index) => index));
          assertEquals(ids(received), ids(sent));
          for (const { id, time } of received) assert(time >= (sent[id] as JournalEvent).time);
          const times = harness.journal.map(({ time }) => time);
          assertEquals(times, times.toSorted((a, b) => a - b));
        },
      ),
      { seed: 11, numRuns: 200 },
    );
  });

  Deno.test(`messages with the same due time are delivered in the order in which they were sent, ${serial ? "serially" : "independently"}`, () => {
    fc.assert(
      fc.property(traffic, fc.constantFrom(0, 50), (sends, latency) => {
        const harness = new NetworkHarness(latency, serial);
        harness.network.add("c0", harness.record);
        for (const { at, src, dest } of sends) harness.at(at, () => harness.send(src, dest, at));
        harness.run();
        // With a constant latency, each link delivers in the order of sending.
        const byLink = new Map<string, number[]>();
        for (const { id, message } of harness.journal.filter(({ type }) => type === "recv")) {
          const link = `${message.src} ${message.dest}`;
          byLink.set(link, [...byLink.get(link) ?? [], id]);
        }
        for (const order of byLink.values()) assertEquals(order, order.toSorted((a, b) => a - b));
      }),
      { seed: 12, numRuns: 200 },
    );
  });
}

Deno.test("a partition drops a message when its receiver takes it, not when it is sent or due", () => {
  const harness = new NetworkHarness(100);
  const partition = partitionRule({ n0: ["n1"] });
  harness.send("n1", "n0", "taken at 0, before the partition");
  harness.at(10, () => harness.network.addRule(partition));
  harness.at(50, () => harness.send("n1", "n0", "taken at 100, during the partition"));
  harness.at(120, () => harness.send("n1", "n0", "taken at 120, during the partition"));
  harness.at(160, () => harness.send("n2", "n0", "from another node, taken at 160"));
  harness.at(210, () => harness.send("n1", "n0", "taken at 260, after the partition"));
  harness.at(255, () => harness.network.removeRule(partition));
  assertEquals(harness.run(), [
    "100 n1→n0 taken at 0, before the partition",
    "260 n2→n0 from another node, taken at 160",
    "310 n1→n0 taken at 260, after the partition",
  ]);
});

Deno.test("a dropped message does not delay the next one", () => {
  const harness = new NetworkHarness(100);
  harness.network.addRule(partitionRule({ n0: ["n1"] }));
  harness.network.addClient(harness.record);
  harness.send("n1", "n0", "dropped");
  harness.at(10, () => harness.send("c0", "n0", "request"));
  assertEquals(harness.run(), ["10 c0→n0 request"]);
  assertEquals(harness.journal.map(({ type, id }) => `${type} ${id}`), [
    "send 0",
    "send 1",
    "recv 1",
  ]);
});

Deno.test("a partition of all nodes leaves clients and services connected", () => {
  const nodes = ["n0", "n1", "n2"];
  const harness = new NetworkHarness();
  harness.network.addClient(harness.record);
  const others = (id: string) => nodes.filter((other) => other !== id);
  harness.network.addRule(partitionRule(Object.fromEntries(nodes.map((id) => [id, others(id)]))));
  for (const node of nodes) {
    for (const peer of others(node)) harness.send(node, peer, "gossip");
    harness.send("c0", node, "request");
    harness.send(node, "c0", "reply");
    harness.send(node, "lin-kv", "read");
    harness.send("lin-kv", node, "read_ok");
    harness.send(node, node, "note to self");
  }
  const arrived = harness.run();
  assertEquals(arrived.length, 15);
  assert(arrived.every((arrival) => !arrival.includes("gossip")));
});

function ruleFor(action: SendAction, matches: string): NetworkRule {
  return {
    name: "planted",
    onSend: ({ message }) => message.body === matches ? action : { kind: "pass" },
  };
}

Deno.test("a rule can drop, delay or duplicate a message when it is sent, without delaying others", () => {
  const harness = new NetworkHarness(10);
  harness.network.addRule(ruleFor({ kind: "drop" }, "dropped"));
  harness.network.addRule(ruleFor({ kind: "delay", delayMs: 50 }, "delayed"));
  harness.network.addRule(ruleFor({ kind: "delay", delayMs: 5 }, "delayed"));
  harness.network.addRule(ruleFor({ kind: "duplicate", delayMs: 20 }, "twice"));
  for (const text of ["dropped", "delayed", "twice", "plain"]) harness.send("n0", "n1", text);
  assertEquals(harness.run(), [
    "10 n0→n1 twice",
    "10 n0→n1 plain",
    "30 n0→n1 twice",
    "65 n0→n1 delayed",
  ]);
  const ids = harness.journal.filter(({ type }) => type === "recv").map(({ id }) => id);
  assertEquals(ids, [2, 3, 2, 1], "a duplicate has the number of its original");
});

Deno.test("a rule that lets all messages pass changes no delivery", () => {
  fc.assert(
    fc.property(traffic, fc.constantFrom(0, 50), fc.boolean(), (sends, latency, serial) => {
      const arrivalsWith = (...rules: readonly NetworkRule[]) => {
        const harness = new NetworkHarness(latency, serial);
        for (const rule of rules) harness.network.addRule(rule);
        harness.network.addClient(harness.record);
        for (const { at, src, dest } of sends) harness.at(at, () => harness.send(src, dest, at));
        return harness.run();
      };
      assertEquals(arrivalsWith(ruleFor({ kind: "drop" }, "none of them")), arrivalsWith());
    }),
    { seed: 13, numRuns: 100 },
  );
});

Deno.test("an UndeliverableError names the unknown sender or receiver", () => {
  const harness = new NetworkHarness();
  const { network } = harness;
  assertThrows(() => harness.send("n0", "n7", ""), UndeliverableError, "unknown receiver 'n7'");
  assertThrows(
    () => harness.send("n7", "n0", ""),
    UndeliverableError,
    "unknown sender 'n7'",
  );
  assertThrows(() => harness.send("n0", "c0", ""), UndeliverableError, "c0");
  network.addClient(harness.record);
  network.remove("c0");
  harness.send("n0", "c0", "a late reply");
  assertThrows(() => harness.send("n0", "c1", ""), UndeliverableError, "c1");
  assertEquals(harness.run(), []);
  assertEquals(harness.journal, [], "an undeliverable message is not in the journal");
});

Deno.test("messages in flight to a removed receiver are lost, queued or not", () => {
  for (const serial of [true, false]) {
    const harness = new NetworkHarness(100, serial);
    for (const text of ["a", "b"]) harness.send("n0", "n1", text);
    harness.at(50, () => harness.network.remove("n1"));
    assertEquals(harness.run(), []);
  }
});

Deno.test("clients are numbered in the order of addition, and numbers are never reused", () => {
  const { network, record } = new NetworkHarness();
  assertEquals([network.addClient(record), network.addClient(record)], ["c0", "c1"]);
  network.remove("c1");
  assertEquals(network.addClient(record), "c2");
});
