import { assert, assertEquals } from "std/testing";
import type { JournalEvent, NemesisEvent } from "../../../lib/workbench/mod.ts";
import { involvesClient } from "../../../lib/wire/mod.ts";
import { runProcessTest } from "../../support/run_process_test.ts";

/** What became of the messages between nodes. */
class Journey {
  readonly #sent: JournalEvent[];
  readonly #received: JournalEvent[];
  readonly #healed: number;

  /** `healed` is when the fault was stopped, in nanoseconds as the journal has it. */
  constructor(journal: readonly JournalEvent[], healed: number) {
    this.#healed = healed;
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

  /** How many messages arrived more often than once. */
  get repeated(): number {
    return this.#received.length - new Set(this.#received.map(({ id }) => id)).size;
  }

  /** How many messages arrived after a later one of their link. */
  get overtaken(): number {
    const newest = new Map<string, number>();
    return this.#received.filter((event) => {
      const before = newest.get(linkOf(event)) ?? -1;
      newest.set(linkOf(event), Math.max(before, event.id));
      return event.id < before;
    }).length;
  }

  /** The milliseconds that messages took that were sent under the fault, from or to a node. */
  delaysOf(node: string): number[] {
    const sentAt = new Map(this.#sent.map(({ id, time }) => [id, time]));
    return this.#received.filter(({ message: { src, dest } }) => src === node || dest === node)
      .map(({ id, time }) => ({ sent: sentAt.get(id) as number, time }))
      .filter(({ sent }) => sent < this.#healed)
      .map(({ sent, time }) => (time - sent) / 1e6);
  }
}

function linkOf({ message: { src, dest } }: JournalEvent): string {
  return `${src} → ${dest}`;
}

/** Runs a node that repeats what is not confirmed, as three processes, under a fault for a second. */
async function journeyUnder(fault: string, plan: unknown): Promise<Journey> {
  const schedule: NemesisEvent[] = [
    { at: 0, f: `start-${fault}`, value: null, plan },
    { at: 1000, f: `stop-${fault}`, value: null, plan: null },
  ];
  const { results, journal, record } = await runProcessTest({
    schedule,
    bin: "tests/support/explore_nodes/careful_broadcast.ts",
    nodeCount: 3,
    options: { workload: "broadcast", timeLimit: 1.5, rate: 100, topology: "total" },
    quiescenceMs: 3000,
  });
  assertEquals(results["valid?"], true, Deno.inspect(results.workload));
  const healed = record.history.find(({ f }) => f === `stop-${fault}`);
  assert(healed !== undefined);
  return new Journey(journal, healed.time);
}

// Real time is mostly waited for, so all faults are tried at once.
const [partition, oneWay, loss, duplicate, reorder, slow] = await Promise.all([
  journeyUnder("partition", { n0: ["n1", "n2"], n1: ["n0"], n2: ["n0"] }),
  journeyUnder("one-way", { n0: ["n1"] }),
  journeyUnder("loss", { probability: 0.5, seed: "1" }),
  journeyUnder("duplicate", { probability: 1, later: 20, seed: "1" }),
  journeyUnder("reorder", { probability: 0.5, most: 200, seed: "1" }),
  journeyUnder("slow", { nodes: ["n2"], longer: 150 }),
]);

Deno.test("messages between processes are cut by a partition, in both directions", () => {
  assertEquals(partition.lossyLinks, ["n0 → n1", "n0 → n2", "n1 → n0", "n2 → n0"]);
});

Deno.test("messages between processes are cut in one direction only", () => {
  assertEquals(oneWay.lossyLinks, ["n1 → n0"]);
});

Deno.test("messages between processes are lost", () => {
  assertEquals(loss.lossyLinks.length, 6, "on every link");
});

Deno.test("messages between processes come twice", () => {
  assert(duplicate.repeated > 0);
  assertEquals(duplicate.lossyLinks, []);
});

Deno.test("messages between processes overtake each other", () => {
  assert(reorder.overtaken > 0);
  assertEquals(reorder.lossyLinks, []);
});

Deno.test("all messages of a slow process take longer", () => {
  const delays = slow.delaysOf("n2");
  assert(delays.length > 0);
  assert(delays.every((delay) => delay >= 150), `${Math.min(...delays)} ms`);
  assertEquals(slow.lossyLinks, []);
});
