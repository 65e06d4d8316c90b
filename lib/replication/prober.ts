/**
 * When to probe suspected peers, and when to reach them through others.
 *
 * **Relays.** A replica that suspects peers requests from its other peers, one every 2 to 4 s, to sync
 * with the *targets*: the suspected peers. The request is itself a sync, so that the relay has the
 * changes to pass on. A relay that does not reply, and may lack changes, becomes a target, too. So each
 * relay at last has all peers that the replica cannot reach as its targets. If a relay reaches some of
 * them, it requests from those 2 s later to sync with the rest. If it reaches none, as in a partition
 * into two sides, it does no more.
 *
 * **Why every path is found.** Take a shortest path of working links from a replica to a peer that it
 * suspects. The first replica on the path receives the request. The second one is a target, since the
 * path is a shortest one, and receives a request from the first; and so on. With n replicas it takes
 * up to 4·n s until all other peers have a request, and then about 2 s a hop. The same syncs carry
 * changes in the other direction.
 *
 * @module
 */

import { Backoff } from "../base/mod.ts";

/** What the prober knows about a peer, see `Session`. */
export interface ProbedPeer {
  readonly peer: string;
  readonly isSuspected: boolean;
  /** Whether another replica has asked this one to reach it. */
  readonly isTarget: boolean;
  /** When it last did not reply to a sync on behalf of others. */
  readonly unreachableMs: number;
  /** The first change that it may lack; undefined for none. */
  readonly pending: number | undefined;
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

/** A peer to sync with, and the peers that it shall try to reach. */
export interface Relay {
  readonly peer: string;
  readonly lost: string[];
}

/** Probes suspected peers in turn, and chooses relays. */
export class Prober {
  readonly #peers: readonly string[];
  readonly #sessions: ReadonlyMap<string, ProbedPeer>;
  readonly #backoff: Backoff;
  readonly #relayBackoff: Backoff;
  #probeAtMs = Infinity;
  #relayAtMs = Infinity;
  #probedAllMs = -Infinity;
  /** When each relay was last asked. */
  readonly #askedMs = new Map<string, number>();
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

  /** Returns the suspect to probe, and the relay to ask, if it is time. */
  poll(isPartitioned: boolean, now: number): {
    readonly probed?: string | undefined;
    readonly relay?: Relay | undefined;
  } {
    const { suspects } = this;
    const relays = suspects.length > 0 || isPartitioned ? this.#peers : this.#helpers(now);
    if (suspects.length === 0) this.#probeAtMs = Infinity;
    if (relays.length === 0) this.#relayAtMs = Infinity;
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
      ...(isRelayDue ? { relay: this.#nextRelay(relays, now) } : {}),
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

  /** Returns whether a peer did not reply to a relay, a short time ago. */
  isUnreachable(peer: string, now: number): boolean {
    return now - (this.#sessions.get(peer)?.unreachableMs ?? -Infinity) < UNREACHABLE_MS;
  }

  /**
   * Returns the targets that this relay has reached, if it did not reach all: they may reach the rest.
   * The relay sends no request to other peers, since the replica that requested it does.
   */
  #helpers(now: number): string[] {
    const targets = [...this.#sessions.values()].filter(({ isTarget }) => isTarget);
    const isMissing = ({ peer, pending }: ProbedPeer) =>
      pending !== undefined && this.isUnreachable(peer, now);
    if (!targets.some(isMissing)) return [];
    return targets.flatMap(({ peer, unreachableMs }) =>
      unreachableMs === -Infinity && now - (this.#askedMs.get(peer) ?? -Infinity) >= UNREACHABLE_MS
        ? peer
        : []
    );
  }

  /** Returns each peer that may be reachable in turn, and all that it may have to reach. */
  #nextRelay(relays: readonly string[], now: number): Relay | undefined {
    const others = relays.filter((peer) => !this.#sessions.get(peer)?.isSuspected);
    const reachable = others.filter((peer) => !this.isUnreachable(peer, now));
    const candidates = reachable.length > 0 ? reachable : others;
    const peer = candidates[this.#relays++ % candidates.length];
    if (peer === undefined) return undefined;
    this.#askedMs.set(peer, now);
    const isLost = ({ isSuspected, unreachableMs, pending }: ProbedPeer) =>
      isSuspected || (pending !== undefined && unreachableMs > -Infinity);
    const lost = [...this.#sessions.values()].filter(isLost).map((session) => session.peer);
    return { peer, lost: lost.filter((other) => other !== peer) };
  }
}
