/**
 * When to probe suspected peers, and when to reach them through others.
 *
 * @module
 */

import { Backoff } from "../base/mod.ts";

/** What the prober knows about a peer, see `Session`. */
export interface ProbedPeer {
  readonly peer: string;
  readonly isSuspected: boolean;
  readonly unreachableMs: number;
}

/** Often enough that a heal is noticed within a second. */
const PROBE_BACKOFF = { minMs: 200, maxMs: 800, jitter: 0.25 };
/** When a suspected peer replies, all others are probed, at most this often. */
const PROBE_ALL_MS = 100;
/** Most partitions separate two sides, and relays are useless. */
const RELAY_BACKOFF = { minMs: 2000, maxMs: 4000, jitter: 0 };
/** Changes younger than this are left to the policy, which is faster if the peer can be reached. */
const RELAY_AGE_MS = 2000;
/** A peer that did not reply to a relay is left out for this long. */
const UNREACHABLE_MS = 20_000;

/** Probes suspected peers in turn, and chooses relays. */
export class Prober {
  readonly #peers: readonly string[];
  readonly #sessions: ReadonlyMap<string, ProbedPeer>;
  readonly #backoff: Backoff;
  readonly #relayBackoff: Backoff;
  #probeAtMs = Infinity;
  #relayAtMs = Infinity;
  #probedAllMs = -Infinity;
  #probes = 0;
  #relays: number;

  constructor(
    peers: readonly string[],
    sessions: ReadonlyMap<string, ProbedPeer>,
    random: () => number,
  ) {
    this.#peers = peers;
    this.#sessions = sessions;
    this.#backoff = new Backoff(PROBE_BACKOFF, random);
    this.#relayBackoff = new Backoff(RELAY_BACKOFF, random);
    // Replicas that suspect the same peer begin with different relays.
    this.#relays = Math.floor(1000 * random());
  }

  get deadlineMs(): number {
    return Math.min(this.#probeAtMs, this.#relayAtMs);
  }

  get suspects(): string[] {
    return [...this.#sessions.values()].flatMap(({ peer, isSuspected }) => isSuspected ? peer : []);
  }

  /** Notes that one more peer is suspected. */
  suspect(now: number): void {
    this.#backoff.reset();
    this.#probeAtMs = now + this.#backoff.next();
  }

  /** Returns the suspect to probe, and the peer to reach a suspect through, if it is time. */
  poll(isPartitioned: boolean, now: number): {
    readonly probed?: string | undefined;
    readonly relay?: string | undefined;
    readonly suspect?: string | undefined;
  } {
    const { suspects } = this;
    if (suspects.length === 0) this.#probeAtMs = Infinity;
    if (suspects.length === 0 && !isPartitioned) this.#relayAtMs = Infinity;
    else if (this.#relayAtMs === Infinity) {
      this.#relayBackoff.reset();
      this.#relayAtMs = now + this.#relayBackoff.next();
    }
    const isProbeDue = this.#probeAtMs <= now;
    const isRelayDue = this.#relayAtMs <= now;
    if (isProbeDue) this.#probeAtMs = now + this.#backoff.next();
    if (isRelayDue) this.#relayAtMs = now + this.#relayBackoff.next();
    return {
      probed: isProbeDue ? suspects[this.#probes++ % suspects.length] : undefined,
      ...(isRelayDue ? this.#nextRelay(suspects, now) : {}),
    };
  }

  /** Returns whether a change has been pending for long enough to be taken by a relay. */
  relays(pendingMs: number, now: number): boolean {
    const isOld = now - pendingMs >= RELAY_AGE_MS;
    if (isOld) this.hasten(now);
    return isOld;
  }

  /** Notes that relays are needed: a replica lacked changes. */
  hasten(now: number): void {
    if (this.#relayAtMs === Infinity) return;
    this.#relayBackoff.reset();
    this.#relayAtMs = Math.min(this.#relayAtMs, now + this.#relayBackoff.next());
  }

  /** Returns the suspects to probe since another one replied: a partition may have healed. */
  probeAll(now: number): readonly string[] {
    if (now - this.#probedAllMs < PROBE_ALL_MS) return [];
    this.#probedAllMs = now;
    return this.suspects;
  }

  /** Returns all pairs of a suspect and a peer that may be reachable, one after the other. */
  #nextRelay(suspects: readonly string[], now: number) {
    const others = this.#peers.filter((peer) => !suspects.includes(peer));
    const sinceMs = now - UNREACHABLE_MS;
    const reachable = others.filter((peer) =>
      (this.#sessions.get(peer)?.unreachableMs ?? -Infinity) < sinceMs
    );
    const relays = reachable.length > 0 ? reachable : others;
    const turn = this.#relays++;
    const round = Math.floor(turn / Math.max(1, suspects.length));
    return { relay: relays[round % relays.length], suspect: suspects[turn % suspects.length] };
  }
}
