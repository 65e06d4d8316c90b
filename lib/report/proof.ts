/**
 * Finds the operations that prove a verdict, and the messages around them, so that a diagram of a
 * long run shows where it failed.
 *
 * @module
 */

import { type History, type Operation, pairOperations } from "../history/mod.ts";
import type { NetworkEvent } from "./lamport.ts";
import { reasonsOf } from "./reasons.ts";

/** A run whose proof is wanted. */
export interface ProvenRun {
  readonly results: object;
  readonly history: History;
  readonly journal: readonly NetworkEvent[];
  readonly nodes: readonly string[];
  readonly concurrency: number;
}

/** What a diagram shows of a run. */
export interface ShownProof {
  /** The events of the messages around the proof, all of a run whose verdict names no operation. */
  readonly events: readonly NetworkEvent[];
  /** By the number of a message: the operation of the proof whose request it is. */
  readonly marks: ReadonlyMap<number, string>;
}

const MAX_OPERATIONS = 6;
/** Events that are shown before the request of an operation, and from it on. */
const EVENTS_BEFORE = 5;
const EVENTS_AFTER = 25;
const OPERATION_NUMBERS = /operations? \[?([\d, ]+)/gi;

/** Returns the messages around the operations that the first reason of a verdict names. */
export function proofOf(run: ProvenRun): ShownProof {
  const { journal } = run;
  const marks = new Map<number, string>();
  const shown = new Set<number>();
  for (const { invocation, completion } of provingOperations(run)) {
    const at = indexOfRequest(run, invocation, completion);
    if (at === undefined) continue;
    const { id } = journal[at] as NetworkEvent;
    marks.set(id, `operation ${invocation.index} (${invocation.f})`);
    for (const event of journal.slice(Math.max(0, at - EVENTS_BEFORE), at + EVENTS_AFTER)) {
      shown.add(event.id);
    }
  }
  if (shown.size === 0) return { events: journal, marks };
  return { events: journal.filter(({ id }) => shown.has(id)), marks };
}

type Pair = ReturnType<typeof pairOperations>[number];

/** Returns the operations of the first reason that names any. */
function provingOperations({ results, history }: ProvenRun): Pair[] {
  const pairs = pairOperations(history);
  const byIndex = new Map<number, Pair>();
  for (const pair of pairs) {
    byIndex.set(pair.invocation.index, pair);
    if (pair.completion !== undefined) byIndex.set(pair.completion.index, pair);
  }
  const parts = Object.values(results).filter((part) => isInvalid(part));
  for (const { text } of parts.flatMap((part) => reasonsOf(part as object))) {
    const numbers = [...text.matchAll(OPERATION_NUMBERS)]
      .flatMap(([, list]) => (list as string).split(",").map(Number));
    const found = [...new Set(numbers.flatMap((number) => byIndex.get(number) ?? []))];
    if (found.length > 0) return found.slice(0, MAX_OPERATIONS);
  }
  return [];
}

function isInvalid(part: unknown): boolean {
  return typeof part === "object" && part !== null && "valid?" in part && part["valid?"] === false;
}

/** Returns the index of the first message from a client to the operation's node while it ran. */
function indexOfRequest(
  { journal, nodes, concurrency }: ProvenRun,
  invocation: Operation,
  completion: Operation | undefined,
): number | undefined {
  const node = nodes[Number(invocation.process) % concurrency % nodes.length];
  const endNs = completion?.time ?? Infinity;
  const found = journal.findIndex(({ type, time, message: { src, dest } }) =>
    type === "send" && time >= invocation.time && time <= endNs && dest === node &&
    /^c\d+$/.test(src)
  );
  return found < 0 ? undefined : found;
}
