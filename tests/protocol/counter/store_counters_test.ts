/**
 * Counters in seq-kv against stores that are as bad as they may be: one that answers as far from the
 * past as it is allowed to, one that takes clients back as Maelstrom's can, and one that loses
 * replies.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { type KvState, kvStore, Sequential, type Service } from "../../../lib/service/mod.ts";
import type { Body, Message } from "../../../lib/wire/mod.ts";
import gCounter from "../../../nodes/g_counter.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";

/** Always meets the oldest state that a client may see. */
class Stalest extends Random {
  override integer(): number {
    return 0;
  }
}

/**
 * Maelstrom's ring of 32 states: an index further behind than that meets whatever state has taken
 * its place.
 */
class WrappingStore implements Service {
  readonly #random = new Random("wrapping");
  readonly #states: KvState[] = [kvStore.initial];
  readonly #seen = new Map<string, number>();
  #newest = 0;

  handle({ src, body }: Message): Body {
    const from = this.#seen.get(src) ?? 0;
    const index = from + this.#random.integer(this.#newest - from + 1);
    const state = this.#states[index % 32] as KvState;
    const there = kvStore.apply(state, body);
    if (there.state === state) {
      this.#seen.set(src, index);
      return there.reply;
    }
    const next = kvStore.apply(this.#states[this.#newest % 32] as KvState, body);
    this.#states[++this.#newest % 32] = next.state;
    this.#seen.set(src, this.#newest);
    return next.reply;
  }
}

/** Nodes that share a store; `loses` says whether a reply of it gets lost. */
class Cluster {
  readonly nodes: readonly FakeNode[];
  readonly #random = new Random("clients");
  expected = 0;

  constructor(count: number, strategy: string, store: Service, loses: () => boolean = () => false) {
    const ids = Array.from({ length: count }, (_, index) => `n${index}`);
    this.nodes = ids.map((id, index) =>
      new FakeNode(gCounter, {
        id,
        nodes: ids,
        seed: index,
        args: ["--strategy", strategy],
        answer(message) {
          const reply = store.handle(message);
          return loses() ? undefined : reply;
        },
      })
    );
  }

  async run(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      for (const node of this.nodes) await node.host.advance(50);
    }
  }

  async add(count: number, gap: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const delta = this.#random.integer(5);
      this.expected += delta;
      this.#random.pick(this.nodes).receive({ type: "add", delta, msg_id: 1000 + done });
      await this.run(gap);
    }
  }

  /** What all nodes answer at about the same time. */
  async read(): Promise<unknown[]> {
    for (const node of this.nodes) node.receive({ type: "read", msg_id: 1 }, "c9");
    await this.run(1000);
    return this.nodes.map(({ host }) =>
      host.sent.findLast(({ dest, body }) => dest === "c9" && body.type === "read_ok")?.body.value
    );
  }
}

const STORES: Readonly<Record<string, () => Service>> = {
  "the past wherever it may": () => new Sequential(kvStore, new Stalest(1)),
  "any state that it may": () => new Sequential(kvStore, new Random(1)),
  "any state, and now and then one further back": () => new WrappingStore(),
};

for (const strategy of ["seq-kv", "cas"]) {
  for (const [name, create] of Object.entries(STORES)) {
    Deno.test(`${strategy}: final reads are right with a store that answers from ${name}`, async () => {
      for (const count of [1, 3, 40]) {
        const cluster = new Cluster(count, strategy, create());
        await cluster.add(40, 50);
        await cluster.run(2000);
        assertEquals(new Set(await cluster.read()), new Set([cluster.expected]), `${count} nodes`);
      }
    });
  }

  Deno.test(`${strategy}: what times out counts once, and is counted in the end`, async () => {
    const chance = new Random("losses");
    let losing = true;
    const store = new Sequential(kvStore, new Random(2));
    const cluster = new Cluster(3, strategy, store, () => losing && chance.chance(0.3));
    await cluster.add(40, 100);
    losing = false;
    await cluster.run(20_000);
    assertEquals(new Set(await cluster.read()), new Set([cluster.expected]));
  });

  Deno.test(`${strategy}: a store that does not answer at the start is asked again`, async () => {
    let losing = true;
    const store = new Sequential(kvStore, new Random(3));
    const cluster = new Cluster(3, strategy, store, () => losing);
    await cluster.add(5, 500);
    await cluster.run(4000);
    losing = false;
    await cluster.run(10_000);
    assert(cluster.expected > 0);
    assertEquals(new Set(await cluster.read()), new Set([cluster.expected]));
  });
}
