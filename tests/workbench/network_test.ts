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

/** A network whose receivers note what arrives, and when. */
class Stage {
  readonly clock = new VirtualClock();
  readonly network: Network;
  readonly journal: JournalEvent[] = [];
  /** What arrived, as `12 n0→n1 text`. */
  readonly arrivals: string[] = [];

  constructor(latency: number | Latency = 0, serial = true, seed = "1") {
    this.network = new Network({
      serial,
      clock: this.clock,
      random: new Random(seed),
      latency: typeof latency === "number" ? { mean: latency, distribution: "constant" } : latency,
      journal: (event) => this.journal.push(event),
    });
    for (const id of ["n0", "n1", "n2", "lin-kv"]) this.network.add(id, this.note);
  }

  readonly note = ({ src, dest, body }: { src: string; dest: string; body: unknown }) => {
    this.arrivals.push(`${this.clock.now()} ${src}→${dest} ${body}`);
  };

  send(src: string, dest: string, body: unknown): void {
    this.network.send({ src, dest, body });
  }

  at(milliseconds: number, act: () => void): void {
    this.clock.after(milliseconds, act);
  }

  run(): string[] {
    while (this.clock.step());
    return this.arrivals;
  }
}

Deno.test("messages to and from clients take no time; those of nodes and services do", () => {
  const stage = new Stage(100);
  const client = stage.network.addClient(stage.note);
  assertEquals(client, "c0");
  stage.send("c0", "n0", "request");
  stage.send("n1", "c0", "reply");
  stage.send("n1", "n2", "gossip");
  stage.send("n2", "lin-kv", "read");
  assertEquals(stage.run(), [
    "0 c0→n0 request",
    "0 n1→c0 reply",
    "100 n1→n2 gossip",
    "100 n2→lin-kv read",
  ]);
});

Deno.test("a client's request waits behind a delayed message that its node has taken", () => {
  const acts = (stage: Stage) => {
    stage.network.addClient(stage.note);
    stage.send("n1", "n0", "gossip");
    stage.at(10, () => stage.send("c0", "n0", "request"));
    stage.at(20, () => stage.send("c0", "n1", "to another"));
    return stage.run();
  };
  assertEquals(acts(new Stage(100)), [
    "20 c0→n1 to another",
    "100 n1→n0 gossip",
    "100 c0→n0 request",
  ]);
  assertEquals(acts(new Stage(100, false)), [
    "10 c0→n0 request",
    "20 c0→n1 to another",
    "100 n1→n0 gossip",
  ]);
});

Deno.test("while a receiver waits, the next one it takes is the one that is due first", () => {
  const stage = new Stage(100);
  stage.network.addClient(stage.note);
  stage.send("n1", "n0", "first");
  stage.at(50, () => stage.send("n1", "n0", "due at 150"));
  stage.at(60, () => stage.send("c0", "n0", "due at 60"));
  stage.at(70, () => stage.send("c0", "n0", "due at 70"));
  assertEquals(stage.run(), [
    "100 n1→n0 first",
    "100 c0→n0 due at 60",
    "100 c0→n0 due at 70",
    "150 n1→n0 due at 150",
  ]);
});

Deno.test("a receiver that takes its time with a message gets the next one after that", async () => {
  const stage = new Stage();
  stage.network.add("slow", async (message) => {
    stage.note(message);
    await sleep(stage.clock, 30);
  });
  for (const text of ["a", "b", "c"]) stage.send("n0", "slow", text);
  for (let turn = 0; turn < 20; turn++) {
    stage.clock.step();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assertEquals(stage.arrivals, ["0 n0→slow a", "30 n0→slow b", "60 n0→slow c"]);
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
  Deno.test(`every message arrives once, never early, ${serial ? "serially" : "independently"}`, () => {
    fc.assert(
      fc.property(
        traffic,
        fc.constantFrom("constant", "uniform", "exponential"),
        (sends, shape) => {
          const stage = new Stage({ mean: 40, distribution: shape }, serial);
          stage.network.addClient(stage.note);
          for (const { at, src, dest } of sends) stage.at(at, () => stage.send(src, dest, at));
          stage.run();
          const sent = stage.journal.filter(({ type }) => type === "send");
          const received = stage.journal.filter(({ type }) => type === "recv");
          const ids = (events: JournalEvent[]) => events.map(({ id }) => id).sort((a, b) => a - b);
          assertEquals(ids(sent), sends.map((_, index) => index));
          assertEquals(ids(received), ids(sent));
          for (const { id, time } of received) assert(time >= (sent[id] as JournalEvent).time);
          const times = stage.journal.map(({ time }) => time);
          assertEquals(times, times.toSorted((a, b) => a - b));
        },
      ),
      { seed: 11, numRuns: 200 },
    );
  });

  Deno.test(`what is due at a receiver at the same time arrives as it was sent, ${serial ? "serially" : "independently"}`, () => {
    fc.assert(
      fc.property(traffic, fc.constantFrom(0, 50), (sends, latency) => {
        const stage = new Stage(latency, serial);
        stage.network.add("c0", stage.note);
        for (const { at, src, dest } of sends) stage.at(at, () => stage.send(src, dest, at));
        stage.run();
        // With one latency for all nodes, the order per sender and receiver is that of sending.
        const byLink = new Map<string, number[]>();
        for (const { id, message } of stage.journal.filter(({ type }) => type === "recv")) {
          const link = `${message.src} ${message.dest}`;
          byLink.set(link, [...byLink.get(link) ?? [], id]);
        }
        for (const order of byLink.values()) assertEquals(order, order.toSorted((a, b) => a - b));
      }),
      { seed: 12, numRuns: 200 },
    );
  });
}

Deno.test("a partition cuts a message when its receiver takes it, not when it is sent or due", () => {
  const stage = new Stage(100);
  const cut = partitionRule({ n0: ["n1"] });
  stage.send("n1", "n0", "taken at 0, before the cut");
  stage.at(10, () => stage.network.addRule(cut));
  stage.at(50, () => stage.send("n1", "n0", "taken at 100, during the cut"));
  stage.at(120, () => stage.send("n1", "n0", "taken at 120, during the cut"));
  stage.at(160, () => stage.send("n2", "n0", "of another node, taken at 160"));
  stage.at(210, () => stage.send("n1", "n0", "taken at 260, after the cut"));
  stage.at(255, () => stage.network.removeRule(cut));
  assertEquals(stage.run(), [
    "100 n1→n0 taken at 0, before the cut",
    "260 n2→n0 of another node, taken at 160",
    "310 n1→n0 taken at 260, after the cut",
  ]);
});

Deno.test("a message that is cut leaves its receiver free for the next one at once", () => {
  const stage = new Stage(100);
  stage.network.addRule(partitionRule({ n0: ["n1"] }));
  stage.network.addClient(stage.note);
  stage.send("n1", "n0", "cut");
  stage.at(10, () => stage.send("c0", "n0", "request"));
  assertEquals(stage.run(), ["10 c0→n0 request"]);
  assertEquals(stage.journal.map(({ type, id }) => `${type} ${id}`), [
    "send 0",
    "send 1",
    "recv 1",
  ]);
});

Deno.test("a partition of all nodes leaves clients and services connected", () => {
  const nodes = ["n0", "n1", "n2"];
  const stage = new Stage();
  stage.network.addClient(stage.note);
  const others = (id: string) => nodes.filter((other) => other !== id);
  stage.network.addRule(partitionRule(Object.fromEntries(nodes.map((id) => [id, others(id)]))));
  for (const node of nodes) {
    for (const peer of others(node)) stage.send(node, peer, "gossip");
    stage.send("c0", node, "request");
    stage.send(node, "c0", "reply");
    stage.send(node, "lin-kv", "read");
    stage.send("lin-kv", node, "read_ok");
    stage.send(node, node, "note to self");
  }
  const arrived = stage.run();
  assertEquals(arrived.length, 15);
  assert(arrived.every((arrival) => !arrival.includes("gossip")));
});

function ruling(ruling: SendAction, matches: string): NetworkRule {
  return {
    name: "planted",
    onSend: ({ message }) => message.body === matches ? ruling : { kind: "pass" },
  };
}

Deno.test("a rule may drop, delay or duplicate a message when it is sent; others do not wait for it", () => {
  const stage = new Stage(10);
  stage.network.addRule(ruling({ kind: "drop" }, "dropped"));
  stage.network.addRule(ruling({ kind: "delay", milliseconds: 50 }, "delayed"));
  stage.network.addRule(ruling({ kind: "delay", milliseconds: 5 }, "delayed"));
  stage.network.addRule(ruling({ kind: "duplicate", milliseconds: 20 }, "twice"));
  for (const text of ["dropped", "delayed", "twice", "plain"]) stage.send("n0", "n1", text);
  assertEquals(stage.run(), [
    "10 n0→n1 twice",
    "10 n0→n1 plain",
    "30 n0→n1 twice",
    "65 n0→n1 delayed",
  ]);
  const ids = stage.journal.filter(({ type }) => type === "recv").map(({ id }) => id);
  assertEquals(ids, [2, 3, 2, 1], "a duplicate has its original's number");
});

Deno.test("a sender or receiver that does not exist is named", () => {
  const stage = new Stage();
  const { network } = stage;
  assertThrows(() => stage.send("n0", "n7", ""), UndeliverableError, "no 'n7' that it could go to");
  assertThrows(
    () => stage.send("n7", "n0", ""),
    UndeliverableError,
    "no 'n7' that it could be from",
  );
  assertThrows(() => stage.send("n0", "c0", ""), UndeliverableError, "c0");
  network.addClient(stage.note);
  network.remove("c0");
  stage.send("n0", "c0", "a late reply");
  assertThrows(() => stage.send("n0", "c1", ""), UndeliverableError, "c1");
  assertEquals(stage.run(), []);
  assertEquals(stage.journal, [], "what cannot be delivered is not on record");
});

Deno.test("what is on its way to a receiver that leaves is lost, queued or not", () => {
  for (const serial of [true, false]) {
    const stage = new Stage(100, serial);
    for (const text of ["a", "b"]) stage.send("n0", "n1", text);
    stage.at(50, () => stage.network.remove("n1"));
    assertEquals(stage.run(), []);
  }
});

Deno.test("clients are numbered in the order in which they come, and numbers are not used again", () => {
  const { network, note } = new Stage();
  assertEquals([network.addClient(note), network.addClient(note)], ["c0", "c1"]);
  network.remove("c1");
  assertEquals(network.addClient(note), "c2");
});
