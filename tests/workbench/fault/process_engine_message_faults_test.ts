import { assert, assertEquals } from "std/testing";
import type { JournalEvent, NemesisEvent } from "../../../lib/workbench/mod.ts";
import { involvesClient } from "../../../lib/wire/mod.ts";
import { runProcessTest } from "../../support/run_process_test.ts";

/** The messages between nodes in a journal. */
class NodeTraffic {
  readonly #sent: JournalEvent[];
  readonly #received: JournalEvent[];
  readonly #healedNs: number;

  /** `healedNs` is the time at which the fault stopped, in the unit of the journal. */
  constructor(journal: readonly JournalEvent[], healedNs: number) {
    this.#healedNs = healedNs;
    const between = journal.filter(({ message }) => !involvesClient(message));
    this.#sent = between.filter(({ type }) => type === "send");
    this.#received = between.filter(({ type }) => type === "recv");
  }

  /** The links on which messages were lost, as `n0 → n1`. */
  get lossyLinks(): string[] {
    const arrived = new Set(this.#received.map(({ id }) => id));
    const lost = this.#sent.filter(({ id }) => !arrived.has(id));
    return [...new Set(lost.map(linkOf))].sort();
  }

  /** The number of duplicate deliveries. */
  get duplicates(): number {
    return this.#received.length - new Set(this.#received.map(({ id }) => id)).size;
  }

  /** The number of messages that arrived after a later message of their link. */
  get overtaken(): number {
    const newest = new Map<string, number>();
    return this.#received.filter((event) => {
      const before = newest.get(linkOf(event)) ?? -1;
      newest.set(linkOf(event), Math.max(before, event.id));
      return event.id < before;
    }).length;
  }

  /**
   * The latencies, in milliseconds, of messages from or to a node that were sent under the fault.
   */
  delaysMsOf(node: string): number[] {
    const sentAt = new Map(this.#sent.map(({ id, time }) => [id, time]));
    return this.#received.filter(({ message: { src, dest } }) => src === node || dest === node)
      .map(({ id, time }) => ({ sent: sentAt.get(id) as number, time }))
      .filter(({ sent }) => sent < this.#healedNs)
      .map(({ sent, time }) => (time - sent) / 1e6);
  }
}

function linkOf({ message: { src, dest } }: JournalEvent): string {
  return `${src} → ${dest}`;
}

/** Runs a broadcast node with retransmission as three processes, under a fault for 1 s. */
async function trafficUnder(fault: string, plan: unknown): Promise<NodeTraffic> {
  const schedule: NemesisEvent[] = [
    { at: 0, f: `start-${fault}`, value: null, plan },
    { at: 1000, f: `stop-${fault}`, value: null, plan: null },
  ];
  const { results, journal, record } = await runProcessTest({
    schedule,
    bin: "tests/support/explore_nodes/retrying_broadcast.ts",
    nodeCount: 3,
    options: {
      workload: "broadcast",
      timeLimitSeconds: 1.5,
      ratePerSecond: 100,
      topology: "total",
    },
    quiescenceMs: 3000,
  });
  assertEquals(results["valid?"], true, Deno.inspect(results.workload));
  const healed = record.history.find(({ f }) => f === `stop-${fault}`);
  assert(healed !== undefined);
  return new NodeTraffic(journal, healed.time);
}

// These runs mostly wait, so all of them run concurrently.
const [partition, oneWay, partialPartition, loss, duplicate, reorder, slow] = await Promise.all([
  trafficUnder("partition", { n0: ["n1", "n2"], n1: ["n0"], n2: ["n0"] }),
  trafficUnder("one-way", { n0: ["n1"] }),
  trafficUnder("partial-partition", { n0: ["n1"], n1: ["n0"] }),
  trafficUnder("loss", { probability: 0.5, seed: "1" }),
  trafficUnder("duplicate", { probability: 1, later: 20, seed: "1" }),
  trafficUnder("reorder", { probability: 0.5, most: 200, seed: "1" }),
  trafficUnder("slow", { nodes: ["n2"], longer: 150 }),
]);

Deno.test("a partition drops messages between processes in both directions", () => {
  assertEquals(partition.lossyLinks, ["n0 → n1", "n0 → n2", "n1 → n0", "n2 → n0"]);
});

Deno.test("one-way drops messages between processes in one direction", () => {
  assertEquals(oneWay.lossyLinks, ["n1 → n0"]);
});

Deno.test("partial-partition drops messages between processes on its links only", () => {
  assertEquals(partialPartition.lossyLinks, ["n0 → n1", "n1 → n0"]);
});

Deno.test("loss drops messages between processes", () => {
  assertEquals(loss.lossyLinks.length, 6, "on every link");
});

Deno.test("duplicate delivers messages between processes twice", () => {
  assert(duplicate.duplicates > 0);
  assertEquals(duplicate.lossyLinks, []);
});

Deno.test("reorder lets messages between processes overtake each other", () => {
  assert(reorder.overtaken > 0);
  assertEquals(reorder.lossyLinks, []);
});

Deno.test("slow delays all messages of a process", () => {
  const delays = slow.delaysMsOf("n2");
  assert(delays.length > 0);
  assert(delays.every((delay) => delay >= 150), `${Math.min(...delays)} ms`);
  assertEquals(slow.lossyLinks, []);
});
