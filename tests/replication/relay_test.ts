/**
 * Relays, and what an engine does with single messages.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import type { Json } from "../../lib/base/mod.ts";
import { Engine, EntryLog, type Event, type Policy } from "../../lib/replication/mod.ts";
import { eager, LATENCY_MS, Replicas, RETRY } from "./replicas.ts";

const NODES = ["n0", "n1", "n2", "n3"];
const ME = "i1";

/** The replica n1, whose policy has these peers. Nothing that it sends arrives. */
class Lone {
  readonly log = new EntryLog({ id: "n1", incarnation: ME });
  readonly engine: Engine;
  now = 0;
  #timerMs = Infinity;
  #sent: string[] = [];

  constructor(peers: readonly string[], more: Partial<Policy> = {}) {
    const options = { ...RETRY, id: "n1", incarnation: ME, nodes: NODES, random: () => 0.5 };
    this.engine = new Engine(this.log, eager(peers, more), options);
    this.#handle({ type: "started" });
  }

  add(value: Json): void {
    this.log.add(value, this.now);
    this.#handle({ type: "changed" });
  }

  receive(peer: string, type: string, more: { readonly [field: string]: Json }): void {
    const header = { me: `of ${peer}`, you: ME, ack: 0, time: 0 };
    this.#handle({ type: "received", peer, body: { type, ...header, ...more } });
  }

  /** Advances the time; returns what was sent since the last call, as `at: type receiver`. */
  runTo(now: number): string[] {
    while (this.#timerMs <= now) {
      this.now = this.#timerMs;
      this.#handle({ type: "tick" });
    }
    this.now = now;
    return this.#sent.splice(0);
  }

  #handle(event: Event): void {
    for (const effect of this.engine.handle(event, this.now)) {
      if (effect.type === "timer") this.#timerMs = effect.atMs;
      if (effect.type === "send") {
        this.#sent.push(`${this.now}: ${effect.body.type} ${effect.peer}`);
      }
    }
  }
}

Deno.test("changes find a path through two relays", () => {
  const ends = ["n0", "n3"];
  const peersOf = (id: string) => ends.includes(id) ? ends.filter((end) => end !== id) : [];
  const all = new Replicas(NODES, (id) => eager(peersOf(id)));
  all.run(5000);
  const isLink = (from: string, to: string) =>
    Math.abs(NODES.indexOf(from) - NODES.indexOf(to)) === 1;
  all.delayMs = ({ from, to }) => isLink(from, to) ? 0 : Infinity;
  all.add("n0", "value");
  all.run(20_000);
  assertEquals(all.valuesOf("n3"), ['"value"']);
});

Deno.test("a relay leaves changes that are younger than 2 s to the policy", () => {
  for (const [atMs, updates] of [[1999, 0], [2000, 1]] as const) {
    const replica = new Lone([]);
    replica.add("value");
    replica.runTo(atMs);
    const sync = { summary: {}, at: 0, time: 1, passive: true };
    replica.receive("n2", "sync", sync);
    const sent = replica.runTo(atMs + 1).filter((text) => text.includes("update"));
    assertEquals(sent.length, updates, `${atMs} ms`);
  }
});

Deno.test("a change that a relay brings makes the next relay more frequent", () => {
  const [second, third, early] = ["7600: sync n3", "11600: sync n2", "10100: sync n2"];
  for (const [to, relay] of [[0, third], [1, early]] as const) {
    const replica = new Lone(["n0"]);
    replica.add("value");
    const relays = replica.runTo(8100).filter((text) => text.includes("sync"));
    assertEquals(relays.at(-1), second);
    const delta = to === 0 ? {} : { delta: [["n2.x", 0, "new"]] };
    replica.receive("n2", "update", { from: 0, to, ...delta, passive: true });
    const [next] = replica.runTo(12_000).filter((text) => text.includes("sync"));
    assertEquals(next, relay);
  }
});

Deno.test("a suspected peer that replies gets what is pending immediately", () => {
  const replica = new Lone(["n0"], { sendAtMs: (_, ms) => ms < 5000 ? ms : Infinity });
  replica.receive("n0", "update", { from: 0, to: 0 });
  replica.add("sent and lost");
  replica.runTo(5000);
  replica.add("pending");
  assertEquals(replica.runTo(5000), []);
  replica.receive("n0", "update", { from: 0, to: 0, ack: 1 });
  assertEquals(replica.runTo(5000), ["5000: update n0"]);
});

Deno.test("a reply to an earlier sync than the oldest that awaits one does not count", () => {
  for (const [answers, isSyncing] of [[599, true], [600, false]] as const) {
    const replica = new Lone(["n0"]);
    replica.runTo(700);
    replica.receive("n0", "sync", { summary: {}, at: 0, time: 1, answers });
    assertEquals(replica.engine.session("n0").isSyncing, isSyncing, `answers ${answers}`);
  }
});

Deno.test("the measured round trips outlive a session", () => {
  const { engine } = new Lone(["n0"]);
  const { roundTrip } = engine.session("n0");
  roundTrip.add(LATENCY_MS);
  engine.sessions.delete("n0");
  assertEquals(engine.session("n0").roundTrip, roundTrip);
});
