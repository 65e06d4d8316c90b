/**
 * Relays, and what an engine does with single messages.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Json } from "../../lib/base/mod.ts";
import { Engine, EntryLog, type Event, type Policy } from "../../lib/replication/mod.ts";
import { eager, Replicas, RETRY } from "./replicas.ts";

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
  all.run(40_000);
  assertEquals(all.valuesOf("n3"), ['"value"']);
});

Deno.test("a relay leaves changes that are younger than 2 s to the policy", () => {
  for (const [atMs, updates] of [[2499, 0], [2500, 1]] as const) {
    const replica = new Lone([]);
    replica.runTo(500);
    replica.add("value");
    replica.runTo(atMs);
    const sync = { summary: {}, at: 0, time: 1, passive: true };
    replica.receive("n2", "sync", sync);
    const sent = replica.runTo(atMs + 1).filter((text) => text.includes("update"));
    assertEquals(sent.length, updates, `${atMs} ms`);
  }
});

Deno.test("the summary of a suspected peer that replies is requested", () => {
  const replica = new Lone(["n0"], { sendAtMs: (_, ms) => ms < 5000 ? ms : Infinity });
  replica.receive("n0", "update", { from: 0, to: 0 });
  replica.add("sent and lost");
  replica.runTo(5000);
  replica.add("pending");
  assertEquals(replica.runTo(5000), []);
  replica.receive("n0", "update", { from: 0, to: 0, ack: 1 });
  assertEquals(replica.runTo(5000), ["5000: sync n0"]);
});

Deno.test("a sync waits for a reply to this incarnation", () => {
  for (const you of ["another", ME]) {
    const replica = new Lone(["n0"]);
    replica.runTo(700);
    assertEquals(replica.engine.session("n0").isSyncing, true);
    replica.receive("n0", "sync", { you, summary: {}, at: 0, answers: 600 });
    assertEquals(replica.engine.session("n0").isSyncing, you !== ME, you);
  }
});

Deno.test("another incarnation of a peer gets a new session, with the measured round trips", () => {
  const { engine } = new Lone([]);
  const session = engine.session("n0", true);
  assertEquals(engine.meet(session, "x"), session);
  session.receive(1, 0);
  session.syncMs = 100;
  assertEquals(engine.meet(session, "x"), session);
  const met = engine.meet(session, "y");
  assertEquals([met.received, met.isSyncing, met.you, met.isPassive], [0, false, "y", true]);
  assert(engine.session("n0", true) === met);
  assert(met.roundTrip === session.roundTrip);
});

Deno.test("a session on behalf of others serves the policy, too, as soon as that needs it", () => {
  const { engine } = new Lone([]);
  assert(engine.session("n0", true).isPassive);
  assert(!engine.session("n0").isPassive);
  assert(!engine.session("n0", true).isPassive);
});

Deno.test("a peer that did not reply as a relay is asked again when it echoes this replica's clock", () => {
  for (const [header, isReachable] of [[{ echo: 5000 }, true], [{}, false]] as const) {
    const replica = new Lone([], { isPartitioned: () => true });
    const [first] = replica.runTo(6000);
    assertEquals(first, "5000: sync n3");
    replica.receive("n3", "update", { from: 0, to: 0, passive: true, ...header });
    const relays = replica.runTo(20_000).map((text) => text.split(" ").pop());
    assertEquals(relays.includes("n3"), isReachable);
  }
});
