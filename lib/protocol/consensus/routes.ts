/**
 * Messages around broken links. A partition may last and still leave a path between any two nodes
 * (Alfatafta et al., "Toward a Generic Fault Tolerance Technique for Partial Network Partitioning",
 * OSDI 2020). Raft then needs the paths: a leader must reach a majority, and clients the leader.
 *
 * A node sends directly while a peer replies. For peers that do not, it looks for a path, as Dynamic
 * Source Routing does (Johnson and Maltz 1996): it floods a `find`, each node appends its name to the
 * path and passes it on, and the peer sends `found` back along the path. Later messages to the peer
 * carry the path. The peer answers along the reverse path, since a link may work in one direction
 * only. Meanwhile the node probes the link, and returns to it when a probe has been answered.
 *
 * A healthy network costs nothing. While peers are unreachable, a node floods ever less often.
 *
 * @module
 */

import { Backoff, FailureDetector, RoundTripEstimator } from "../../base/mod.ts";
import { type Body, type JsonObject, type Node, schema } from "../../node/mod.ts";

/** A peer is suspected that has not replied for this many round trips. */
const SUSPICION_ROUND_TRIPS = 3;
/**
 * The round trip that counts: three quarters of the recent ones are shorter. The longest ones may be
 * outages that have ended.
 */
const ROUND_TRIP_QUANTILE = 0.75;
const MIN_SUSPICION_MS = 300;
const MAX_SUSPICION_MS = 1000;
/** How often a node looks for paths, at first and at most. */
const FINDS = { minMs: 250, maxMs: 8000 };
/**
 * The time between any two finds of a node. A node that continues after a pause suspects one peer
 * after another within a moment, and receives all finds that it missed; a flood for each would be
 * thousands of messages.
 */
const MIN_FIND_GAP_MS = 50;
/** A path is dropped when no message has come along it for this long. */
const MAX_SILENCE_MS = 3000;
/** How often a link is probed while messages go around it: they arrive meanwhile. */
const PROBE_INTERVAL_MS = 400;
/**
 * A node passes on the first arrivals of a `find`, since the first path may not work backwards, and
 * the first one whose links all work in both directions.
 */
const MAX_ARRIVALS = 3;
/** A peer's message this recent shows that its link works: longer than the longest wait for a find. */
const REACHABLE_MS = 10_000;
/** The number of finds of other nodes that a node remembers. */
const MAX_REMEMBERED = 256;

const path = schema.array(schema.string);
const fields = {
  find: {
    id: schema.string,
    to: schema.array(schema.string),
    path,
    /** Whether all links of the path work backwards, the one to the receiver included. */
    two_way: schema.boolean,
  },
  found: { path },
  routed: { path, body: schema.object({ type: schema.string }) },
};

/** A search for paths to peers, and the path that it took so far. */
interface Find {
  readonly id: string;
  readonly to: string[];
  readonly path: string[];
}

/** A path to a peer: the nodes from this one to the peer. */
interface Route {
  readonly path: readonly string[];
  /** When the last message came along it. */
  usedMs: number;
  /** When the direct link was probed. */
  probedMs: number;
}

/** What {@link Routes} needs. */
export interface RoutesOptions {
  readonly node: Node;
  /** Handles a message that came along a path. */
  readonly deliver: (from: string, body: Body) => void;
}

/** Sends messages to peers, directly and around broken links. */
export class Routes {
  readonly #node: Node;
  readonly #roundTrips = new RoundTripEstimator({ limitMs: () => MAX_SUSPICION_MS });
  readonly #detector = new FailureDetector({ timeoutMs: () => this.#suspicionMs });
  readonly #routes = new Map<string, Route>();
  /** When a probe of each link was last answered. */
  readonly #answeredMs = new Map<string, number>();
  readonly #finds: Backoff;
  /** The peers that the last finds looked for. */
  readonly #sought = new Set<string>();
  /** How often each find has arrived, and whether along a path that works backwards. */
  readonly #arrivals = new Map<string, { count: number; twoWay: boolean }>();
  /** When the last message came directly from each peer. */
  readonly #receivedMs = new Map<string, number>();
  /** When this node first passed on the latest find of each node. */
  readonly #passedOnMs = new Map<string, number>();
  #lastFindMs = -Infinity;
  #nextFindMs = 0;
  #lastFind = 0;

  constructor({ node, deliver }: RoutesOptions) {
    this.#node = node;
    this.#finds = new Backoff(FINDS, () => node.random());
    node.on("find", fields.find, ({ two_way, ...find }, { src }) => {
      this.#receivedMs.set(src, node.monotonic());
      this.#onFind(find, two_way);
    });
    node.on("found", fields.found, ({ path }) => this.#onFound(path));
    node.on("probe", (_body, { src }) => node.send(src, { type: "probed" }));
    node.on("probed", (_body, { src }) => this.#restore(src));
    node.on("routed", fields.routed, ({ path, body }) => {
      if (this.#passOn(path, { type: "routed", path, body })) return;
      this.#learn(path.toReversed());
      node.sometimes("a message went around a broken link");
      deliver(path[0] as string, body as Body);
    });
  }

  /** Sends a message; `expectsReply` if the peer sends something when it receives it. */
  send(to: string, body: Body, expectsReply: boolean): void {
    const now = this.#node.monotonic();
    const route = this.#routes.get(to);
    if (route !== undefined && now - route.usedMs <= MAX_SILENCE_MS) {
      return this.#sendAlong(route, body, now);
    }
    this.#routes.delete(to);
    this.#node.send(to, body);
    if (this.#detector.isSuspected(to, now)) this.#find(to, now);
    if (expectsReply) this.#detector.sent(to, now);
  }

  /** Notes that a message came directly from a peer, so that the link works, at least from there. */
  received(from: string): void {
    const now = this.#node.monotonic();
    this.#receivedMs.set(from, now);
    if (this.#detector.isSuspected(from, now)) this.#finds.reset();
    this.#sought.delete(from);
    const roundTripMs = this.#detector.received(from, now);
    if (roundTripMs !== undefined) this.#roundTrips.add(roundTripMs);
  }

  get #suspicionMs(): number {
    const roundTripMs = this.#roundTrips.quantile(ROUND_TRIP_QUANTILE) ?? MAX_SUSPICION_MS;
    const timeoutMs = SUSPICION_ROUND_TRIPS * roundTripMs;
    return Math.min(MAX_SUSPICION_MS, Math.max(MIN_SUSPICION_MS, timeoutMs));
  }

  /** Notes that a link works in both directions. */
  #restore(peer: string): void {
    this.#routes.delete(peer);
    this.#answeredMs.set(peer, this.#node.monotonic());
    this.received(peer);
  }

  #sendAlong(route: Route, body: Body, now: number): void {
    const { path } = route;
    this.#node.send(path[1] as string, {
      type: "routed",
      path: [...path],
      body: body as JsonObject,
    });
    if (now - route.probedMs < PROBE_INTERVAL_MS) return;
    route.probedMs = now;
    this.#node.send(path.at(-1) as string, { type: "probe" });
  }

  /** Looks for paths to all suspected peers, unless it looked for this one a short time ago. */
  #find(peer: string, now: number): void {
    const isSought = this.#sought.has(peer);
    if (now < (isSought ? this.#nextFindMs : this.#lastFindMs + MIN_FIND_GAP_MS)) return;
    if (!isSought) this.#finds.reset();
    this.#lastFindMs = now;
    this.#nextFindMs = now + this.#finds.next();
    const { id, incarnation, peers } = this.#node;
    const to = peers.filter((peer) => this.#detector.isSuspected(peer, now));
    for (const peer of to) this.#sought.add(peer);
    this.#flood({ id: `${incarnation}${++this.#lastFind}`, to, path: [id] }, true);
  }

  #flood(find: Find, twoWay: boolean): void {
    const since = this.#node.monotonic() - REACHABLE_MS;
    for (const peer of this.#node.peers) {
      if (find.path.includes(peer)) continue;
      const two_way = twoWay && (this.#receivedMs.get(peer) ?? -Infinity) >= since;
      this.#node.send(peer, { type: "find", ...find, two_way });
    }
  }

  #onFind({ id, to, path }: Find, twoWay: boolean): void {
    const { id: self } = this.#node;
    if (path.includes(self)) return;
    const whole = [...path, self];
    const arrived = this.#arrivals.get(id) ?? this.#remember(id, path[0] as string);
    arrived.count++;
    const isFirstTwoWay = twoWay && !arrived.twoWay;
    if (arrived.count > MAX_ARRIVALS && !isFirstTwoWay) return;
    arrived.twoWay ||= twoWay;
    if (to.includes(self)) this.#passBack(whole);
    this.#flood({ id, to, path: whole }, twoWay);
  }

  /** Notes a find that has not arrived before. One that was held up counts as passed on. */
  #remember(id: string, origin: string): { count: number; twoWay: boolean } {
    const now = this.#node.monotonic();
    const isHeldUp = now - (this.#passedOnMs.get(origin) ?? -Infinity) < MIN_FIND_GAP_MS;
    if (!isHeldUp) this.#passedOnMs.set(origin, now);
    const arrived = { count: isHeldUp ? MAX_ARRIVALS : 0, twoWay: isHeldUp };
    this.#arrivals.set(id, arrived);
    if (this.#arrivals.size > MAX_REMEMBERED) {
      const [oldest] = this.#arrivals.keys();
      this.#arrivals.delete(oldest as string);
    }
    return arrived;
  }

  #onFound(path: string[]): void {
    if (path[0] !== this.#node.id) return this.#passBack(path);
    this.#learn(path);
  }

  /** Sends a found path to the node before this one on it. */
  #passBack(path: string[]): void {
    const before = path[path.indexOf(this.#node.id) - 1];
    if (before !== undefined) this.#node.send(before, { type: "found", path });
  }

  /** Passes a message to the next node of its path; returns whether there is one. */
  #passOn(path: readonly string[], message: Body): boolean {
    const next = path[path.indexOf(this.#node.id) + 1];
    if (next !== undefined) this.#node.send(next, message);
    return next !== undefined;
  }

  /** Notes that a message came along the reverse of a path. */
  #learn(path: readonly string[]): void {
    const usedMs = this.#node.monotonic();
    const peer = path.at(-1) as string;
    if (path.length === 2) return this.#restore(peer);
    // The peer may not know yet that the link works again, unless the link has failed since.
    const isRestored = usedMs - (this.#answeredMs.get(peer) ?? -Infinity) <= MAX_SILENCE_MS;
    if (isRestored && !this.#detector.isSuspected(peer, usedMs)) return;
    const known = this.#routes.get(peer);
    if (known === undefined || known.path.length > path.length) {
      this.#routes.set(peer, { path, usedMs, probedMs: -Infinity });
    } else if (known.path.join() === path.join()) {
      known.usedMs = usedMs;
    }
  }
}
