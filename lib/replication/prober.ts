/**
 * When to probe suspected peers, and when to reach peers through others.
 *
 * **Relays.** A replica that suspects peers requests from its other peers, one every few seconds, to
 * sync with the *lost* ones. The request is itself a sync, so that the relay has the changes to pass
 * on. A relay that does not reply is lost, too. A relay that reaches some of the lost peers requests
 * from those to sync with each one that does not reply. If it reaches none, as in a partition into two
 * sides, it does no more.
 *
 * **Why every path is found.** Take a shortest path of working links from a replica to a peer that it
 * suspects. The first replica on the path receives a request. The second one is lost for the
 * requester, since the path is a shortest one, and receives a request from the first; and so on. The
 * same syncs carry changes in the other direction.
 *
 * @module
 */

import { Backoff } from "../base/mod.ts";
import type { Engine } from "./engine.ts";

/** What the prober needs of its engine. */
export type ProbingEngine = Pick<
  Engine,
  "sessions" | "session" | "sync" | "acknowledge" | "sometimes"
>;

/** Often enough that a heal is noticed within a second. */
const PROBE_BACKOFF = { minMs: 400, maxMs: 800, jitter: 0 };
/** Most partitions separate two sides, and relays are useless. */
const RELAY_INTERVAL_MS = 5000;
/** A peer that did not reply to this replica as a relay is left out for this long. */
const UNREACHABLE_MS = 20_000;

/** Probes suspected peers, and reaches others through relays. */
export class Prober {
  readonly #engine: ProbingEngine;
  readonly #peers: readonly string[];
  readonly #backoff: Backoff;
  /** When peers last did not reply to syncs on behalf of others. */
  readonly #unreachableMs = new Map<string, number>();
  /** The lost peers of others that this replica has reached since, or not yet. */
  readonly #targets = new Map<string, boolean>();
  #probeAtMs = Infinity;
  #relayAtMs = Infinity;
  #relays: number;

  constructor(engine: ProbingEngine, peers: readonly string[], random: () => number) {
    this.#engine = engine;
    this.#peers = peers;
    this.#backoff = new Backoff(PROBE_BACKOFF, random);
    // Replicas that have lost the same peer begin with different relays.
    this.#relays = Math.floor(1000 * random());
  }

  get deadlineMs(): number {
    return Math.min(this.#probeAtMs, this.#relayAtMs);
  }

  /** Notes that one more peer is suspected. */
  suspect(now: number): void {
    this.#backoff.reset();
    this.#probeAtMs = now + this.#backoff.next();
  }

  /** Notes that a peer did not reply to a sync on behalf of others: those that did may reach it. */
  noteUnreachable(peer: string, now: number): void {
    this.#unreachableMs.set(peer, now);
    if (!this.#targets.has(peer)) return;
    this.#targets.set(peer, false);
    for (const [target, isReached] of this.#targets) {
      if (isReached) this.#request(target, [peer], now);
    }
  }

  /** Notes that a peer has received a message: it may reach those that did not reply. */
  noteReachable(peer: string, now: number): void {
    this.#unreachableMs.delete(peer);
    if (this.#targets.get(peer) !== false) return;
    this.#targets.set(peer, true);
    const missing = [...this.#targets.keys()].filter((target) => this.#unreachableMs.has(target));
    if (missing.length > 0) this.#request(peer, missing, now);
  }

  /** Syncs with peers that another replica has lost. */
  reach(lost: readonly string[], now: number): void {
    for (const peer of lost) {
      if (!this.#peers.includes(peer)) continue;
      this.#targets.set(peer, this.#targets.get(peer) ?? false);
      if (this.#isLost(peer, now)) continue;
      this.#engine.sometimes("a peer was reached through another one");
      this.#engine.sync(this.#engine.session(peer, true), now);
    }
  }

  /** Probes and requests what is due. `isPartitioned` needs relays although no peer is suspected. */
  poll(isPartitioned: boolean, now: number): void {
    const { sessions } = this.#engine;
    const suspects = [...sessions.values()].filter(({ isSuspected }) => isSuspected);
    if (suspects.length === 0) this.#probeAtMs = Infinity;
    if (suspects.length === 0 && !isPartitioned) this.#relayAtMs = Infinity;
    else if (this.#relayAtMs === Infinity) this.#relayAtMs = now + RELAY_INTERVAL_MS;
    if (this.#probeAtMs <= now) {
      this.#probeAtMs = now + this.#backoff.next();
      for (const session of suspects) this.#engine.acknowledge(session, now, { urgent: true });
    }
    if (this.#relayAtMs <= now) {
      this.#relayAtMs = now + RELAY_INTERVAL_MS;
      const reachable = this.#peers.filter((peer) => !this.#isLost(peer, now));
      const relay = reachable[this.#relays++ % reachable.length];
      const lost = [...suspects.map(({ peer }) => peer), ...this.#unreachableMs.keys()];
      if (relay !== undefined) this.#request(relay, lost.filter((peer) => peer !== relay), now);
    }
  }

  #request(relay: string, lost: string[], now: number): void {
    this.#engine.sync(this.#engine.session(relay, true), now, { relay: lost });
  }

  #isLost(peer: string, now: number): boolean {
    return this.#engine.sessions.get(peer)?.isSuspected === true ||
      now - (this.#unreachableMs.get(peer) ?? -Infinity) < UNREACHABLE_MS;
  }
}
