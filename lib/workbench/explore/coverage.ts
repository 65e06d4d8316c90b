/**
 * What tests have really put to the test ("sometimes" assertions).
 *
 * That a thousand runs passed says little if no partition ever cut a message. So everything worth
 * having happened is counted by name: what faults did, what the network and the clients met, and
 * what nodes and workloads say of themselves by a line of their log, `sometimes: a retry fired`.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import { type Operation, pairOperations } from "../../history/mod.ts";
import { involvesClient } from "../../wire/mod.ts";
import { createFault, PROCESS_KILLED } from "../fault/mod.ts";
import type { JournalEvent } from "../journal.ts";

/** How often each feature happened, by name. */
export type FeatureCounts = Readonly<Record<string, number>>;

const SOMETIMES = /^sometimes: *(.+)$/;
const OVERTAKEN = "network: a message overtook another";
const REPEATED = "network: a request was sent again";
const KILLED_BUSY = "kill: a process was killed with requests in flight";
const UNKNOWN = "clients: the outcome of an operation is unknown";
const REFUSED = "clients: an operation was refused";
const UNDER_FAULT = "clients: an operation succeeded while a fault was in force";

/** The features that tests with these faults ought to reach, whatever the node. */
export function expectedFeatures(faults: readonly string[]): string[] {
  const ofFaults = faults.flatMap((name) =>
    createFault(name).effects.map((effect) => `${name}: ${effect}`)
  );
  return [
    ...ofFaults,
    ...(faults.includes("kill") ? [KILLED_BUSY] : []),
    ...(faults.length > 0 ? [UNDER_FAULT] : []),
  ];
}

/** The name of a feature that a node says it reached. */
export function nodeFeature(name: string): string {
  return `nodes: ${name}`;
}

/** Watches one run. */
export class Coverage {
  readonly #counts = new Map<string, number>();
  /** By node, the requests that it got and has not answered, as `sender/msg_id`. */
  readonly #inFlight = new Map<string, Set<string>>();
  /** By sender, the requests that it sent, as `receiver/msg_id`. */
  readonly #sent = new Map<string, Set<string>>();
  /** By link, the highest number of a message that arrived. */
  readonly #newest = new Map<string, number>();

  /** How often each feature was reached. */
  get counts(): FeatureCounts {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** Takes what a fault did. */
  happened(fault: string, effect: string, to: string): void {
    this.#count(`${fault}: ${effect}`);
    if (fault !== "kill") return;
    // Who starts anew numbers its requests anew.
    this.#sent.delete(to);
    // What came while it was down is lost, but was not in flight when it was killed.
    const requests = this.#inFlight.get(to);
    if (effect === PROCESS_KILLED && requests !== undefined && requests.size > 0) {
      this.#count(KILLED_BUSY);
    }
    this.#inFlight.delete(to);
  }

  /** Takes an event of the network. */
  journal({ type, id, message }: JournalEvent): void {
    const { src, dest } = message;
    const body = isJsonObject(message.body) ? message.body : {};
    const isRequest = body.msg_id !== undefined && body.in_reply_to === undefined;
    if (type === "send") {
      if (body.in_reply_to !== undefined) {
        this.#inFlight.get(src)?.delete(`${dest}/${body.in_reply_to}`);
      } else if (isRequest) this.#request(src, `${dest}/${body.msg_id}`);
      return;
    }
    if (isRequest) setOf(this.#inFlight, dest).add(`${src}/${body.msg_id}`);
    if (involvesClient(message)) return;
    const link = `${src} ${dest}`;
    const newest = this.#newest.get(link) ?? -1;
    if (id < newest) this.#count(OVERTAKEN);
    else this.#newest.set(link, id);
  }

  /** Takes a line of a node's log. */
  log(line: string): void {
    const feature = SOMETIMES.exec(line)?.[1];
    if (feature !== undefined) this.#count(nodeFeature(feature.trim()));
  }

  /** Takes the whole history, when the run is over. */
  history(history: readonly Operation[]): void {
    const faulty = faultyTimes(history);
    for (const { completion } of pairOperations(history)) {
      if (completion === undefined) continue;
      if (completion.type === "info") this.#count(UNKNOWN);
      else if (completion.type === "fail") this.#count(REFUSED);
      else if (faulty.has(completion.index)) this.#count(UNDER_FAULT);
    }
  }

  #count(feature: string): void {
    this.#counts.set(feature, (this.#counts.get(feature) ?? 0) + 1);
  }

  #request(from: string, request: string): void {
    const sent = setOf(this.#sent, from);
    if (sent.has(request)) this.#count(REPEATED);
    else sent.add(request);
  }
}

function setOf(sets: Map<string, Set<string>>, name: string): Set<string> {
  let set = sets.get(name);
  if (set === undefined) sets.set(name, set = new Set());
  return set;
}

/** The indexes of the operations that happened while a fault was in force. */
function faultyTimes(history: readonly Operation[]): Set<number> {
  const inForce = new Set<string>();
  const indexes = new Set<number>();
  for (const { f, process, index } of history) {
    if (process !== "nemesis") {
      if (inForce.size > 0) indexes.add(index);
    } else if (f.startsWith("start-")) inForce.add(f.slice("start-".length));
    else inForce.delete(f.slice("stop-".length));
  }
  return indexes;
}
