/**
 * The coverage of runs by "sometimes" assertions: situations that a thorough exploration must reach.
 *
 * Passing runs prove little if no partition ever dropped a message. Each situation worth reaching is
 * therefore a coverage point whose occurrences are counted: effects of faults, situations of the
 * network and of clients, and the marks of nodes (`node.sometimes("a retry fired")`).
 *
 * @module
 */

import { compareAscending, isJsonObject } from "../../base/mod.ts";
import { type Operation, pairOperations } from "../../history/mod.ts";
import { involvesClient } from "../../wire/mod.ts";
import { createFault, POWER_LOST, PROCESS_KILLED } from "../fault/mod.ts";
import type { JournalEvent } from "../journal.ts";
import { RESTART_ANY, RESTART_NAMES } from "./restarts.ts";

/** The number of occurrences of each coverage point, by name. */
export type CoverageCounts = Readonly<Record<string, number>>;

const REORDERED = "network: a message overtook another";
const RETRANSMITTED = "network: a request was retransmitted";
const KILLED_WITH_REQUESTS = "kill: a process was killed with requests in flight";
const INDETERMINATE = "clients: an operation was indeterminate";
const FAILED = "clients: an operation failed";
const SUCCEEDED_UNDER_FAULT = "clients: an operation succeeded while a fault was active";

/** Returns the coverage points that tests with these faults and restarts should reach for any node. */
export function expectedCoveragePoints(names: readonly string[]): string[] {
  const faults = names.filter((name) => !isRestart(name));
  const effects = [...faults, ...(names.some(isRestart) ? ["kill"] : [])].flatMap((name) =>
    createFault(name).effects.map((effect) => `${name}: ${effect}`)
  );
  return [
    ...new Set(effects),
    ...(faults.includes("kill") ? [KILLED_WITH_REQUESTS] : []),
    ...(faults.length > 0 ? [SUCCEEDED_UNDER_FAULT] : []),
  ];
}

function isRestart(name: string): boolean {
  return [...RESTART_NAMES, RESTART_ANY].some((restart) => restart === name);
}

/** Returns the full name of a coverage point that nodes mark. */
export function nodeCoveragePoint(name: string): string {
  return `nodes: ${name}`;
}

/** Counts the coverage points of one run. */
export class Coverage {
  readonly #counts = new Map<string, number>();
  /** The ids of the requests that each node has received but not replied to, by sender. */
  readonly #inFlight = new Map<string, RequestsByPeer>();
  /** The ids of the requests that each node has sent since it started, by receiver. */
  readonly #sentRequests = new Map<string, RequestsByPeer>();
  /** By sender and receiver, the highest id of the messages delivered. */
  readonly #maxDelivered = new Map<string, Map<string, number>>();

  /** The counts, ordered by name. */
  get counts(): CoverageCounts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => compareAscending(a, b)));
  }

  /** Counts an effect of a fault on a node or message. */
  onFaultEffect(fault: string, effect: string, to: string): void {
    this.#count(`${fault}: ${effect}`);
    if (fault !== "kill" && fault !== "disk") return;
    // A new incarnation starts its message ids again, so equal ids are not retransmissions.
    this.#sentRequests.delete(to);
    // Requests that arrive while the process is down are lost, but are not in flight at a kill.
    const requests = this.#inFlight.get(to);
    const isKilled = effect === PROCESS_KILLED || effect === POWER_LOST;
    if (isKilled && requests?.values().some((ids) => ids.size > 0)) {
      this.#count(KILLED_WITH_REQUESTS);
    }
    this.#inFlight.delete(to);
  }

  /** Records a message that was sent or delivered. */
  journal({ type, id, message }: JournalEvent): void {
    const { src, dest } = message;
    const body = isJsonObject(message.body) ? message.body : {};
    const isRequest = body.msg_id !== undefined && body.in_reply_to === undefined;
    if (type === "send") {
      if (body.in_reply_to !== undefined) {
        this.#inFlight.get(src)?.get(dest)?.delete(body.in_reply_to);
      } else if (isRequest) this.#recordRequest(src, dest, body.msg_id);
      return;
    }
    if (isRequest) idsOf(this.#inFlight, dest, src).add(body.msg_id);
    if (involvesClient(message)) return;
    let maxDelivered = this.#maxDelivered.get(src);
    if (maxDelivered === undefined) this.#maxDelivered.set(src, maxDelivered = new Map());
    if (id < (maxDelivered.get(dest) ?? -1)) this.#count(REORDERED);
    else maxDelivered.set(dest, id);
  }

  /** Counts a mark that a node reached. */
  reached(mark: string): void {
    this.#count(nodeCoveragePoint(mark));
  }

  /** Counts the coverage points in the complete history of the run. */
  history(history: readonly Operation[]): void {
    const underFault = indexesUnderFault(history);
    for (const { completion } of pairOperations(history)) {
      if (completion === undefined) continue;
      if (completion.type === "info") this.#count(INDETERMINATE);
      else if (completion.type === "fail") this.#count(FAILED);
      else if (underFault.has(completion.index)) this.#count(SUCCEEDED_UNDER_FAULT);
    }
  }

  #count(point: string): void {
    this.#counts.set(point, (this.#counts.get(point) ?? 0) + 1);
  }

  #recordRequest(sender: string, receiver: string, id: unknown): void {
    const sent = idsOf(this.#sentRequests, sender, receiver);
    if (sent.has(id)) this.#count(RETRANSMITTED);
    else sent.add(id);
  }
}

/** The ids of requests to or from each peer. */
type RequestsByPeer = Map<string, Set<unknown>>;

/** Returns the set of ids for a node and a peer, and creates it if there is none. */
function idsOf(requests: Map<string, RequestsByPeer>, node: string, peer: string): Set<unknown> {
  let byPeer = requests.get(node);
  if (byPeer === undefined) requests.set(node, byPeer = new Map());
  let ids = byPeer.get(peer);
  if (ids === undefined) byPeer.set(peer, ids = new Set());
  return ids;
}

/** Returns the indexes of the client operations that occurred while a fault was active. */
function indexesUnderFault(history: readonly Operation[]): Set<number> {
  const activeFaults = new Set<string>();
  const indexes = new Set<number>();
  for (const { f, process, index } of history) {
    if (process !== "nemesis") {
      if (activeFaults.size > 0) indexes.add(index);
    } else if (f.startsWith("start-")) activeFaults.add(f.slice("start-".length));
    else activeFaults.delete(f.slice("stop-".length));
  }
  return indexes;
}
