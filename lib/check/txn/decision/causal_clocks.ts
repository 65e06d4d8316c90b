/**
 * A decision of causal consistency with vector clocks, in time nearly linear in the length of a
 * history. A transaction depends on those that it reads from, on the earlier ones of its process,
 * and on all that these depend on.
 *
 * Each process is a chain: a transaction that depends on one element of a chain depends on all
 * earlier ones. So the dependencies of a transaction are one number a chain.
 *
 * @module
 */

import { type ExternalHistory, INITIAL, NEVER } from "./external_history.ts";
import type { Solvability } from "./order_search.ts";
import { sortTopologically } from "./reachability.ts";

const MAX_CHAINS = 64;
const MAX_CLOCK_ENTRIES = 1 << 25;

/** Each member's chain and its place in it. */
interface Chains {
  readonly count: number;
  readonly chainOf: Int32Array;
  readonly placeOf: Int32Array;
  /** Per member: the members on which it depends because of its process and its chain. */
  readonly before: readonly (readonly number[])[];
  /** Whether the chains order only transactions that their processes order, too. */
  readonly isExact: boolean;
}

/**
 * Returns whether a history is causally consistent, as `causal` with the order of each process is.
 * Undecided if it has too many processes, or if transactions of unknown outcome might explain it.
 */
export function decideCausally(history: ExternalHistory): Solvability {
  const { members } = history;
  const chains = chainsOf(history);
  if (chains.count > MAX_CHAINS || chains.count * members.length > MAX_CLOCK_ENTRIES) {
    return "undecided";
  }
  const edges = dependencyEdges(history, chains);
  const sorted = sortTopologically(members.length, edges);
  const failed = chains.isExact ? "unsolvable" : "undecided";
  if (sorted === undefined) return failed;
  const { knownOrder, numberOf } = history;
  addOverwrites(history, chains, sorted.order, edges);
  for (let edge = 0; edge < knownOrder.count; edge++) {
    const from = numberOf[knownOrder.from(edge)] as number;
    const to = numberOf[knownOrder.to(edge)] as number;
    if (from >= 0 && to >= 0) edges.push(from, to);
  }
  return sortTopologically(members.length, edges) === undefined ? failed : "solvable";
}

/**
 * Makes a chain of each process. A process that follows another one, as in Jepsen after an unknown
 * outcome, shares its chain. Transactions of unknown outcome form a chain of their own beside each:
 * they may take effect after later transactions of their process. These additions can only hide that
 * a history is causally consistent.
 */
function chainsOf({ members, process, invokedAt, completedAt }: ExternalHistory): Chains {
  const chainOf = new Int32Array(members.length);
  const placeOf = new Int32Array(members.length);
  const before: number[][] = members.map(() => []);
  const last: number[] = [];
  const sizes: number[] = [];
  const chainOfProcess = new Map<unknown, number>();
  const ends = lastEvents(members, process, invokedAt, completedAt);
  const busyUntil: number[] = [];
  let isExact = true;
  const order = members.map((_, member) => member).sort((a, b) =>
    (invokedAt[members[a] as number] as number) - (invokedAt[members[b] as number] as number)
  );
  for (const member of order) {
    const transaction = members[member] as number;
    const name = process[transaction];
    let pair = chainOfProcess.get(name);
    if (pair === undefined) {
      const begin = invokedAt[transaction] as number;
      pair = busyUntil.findIndex((end) => end < begin);
      if (pair < 0) pair = busyUntil.length;
      else isExact = false;
      busyUntil[pair] = ends.get(name) as number;
      chainOfProcess.set(name, pair);
    }
    const isUnknown = completedAt[transaction] === NEVER;
    if (isUnknown) isExact = false;
    const chain = pair * 2 + (isUnknown ? 1 : 0);
    chainOf[member] = chain;
    placeOf[member] = sizes[chain] ?? 0;
    sizes[chain] = (sizes[chain] ?? 0) + 1;
    for (const earlier of new Set([last[pair * 2], last[chain]])) {
      if (earlier !== undefined) before[member]?.push(earlier);
    }
    last[chain] = member;
  }
  return { count: busyUntil.length * 2, chainOf, placeOf, before, isExact };
}

/** Returns the last invocation or completion of each process. */
function lastEvents(
  members: readonly number[],
  process: ExternalHistory["process"],
  invokedAt: Int32Array,
  completedAt: Int32Array,
): Map<unknown, number> {
  const ends = new Map<unknown, number>();
  for (const transaction of members) {
    const completed = completedAt[transaction] as number;
    const end = completed === NEVER ? invokedAt[transaction] as number : completed;
    const name = process[transaction];
    ends.set(name, Math.max(end, ends.get(name) ?? 0));
  }
  return ends;
}

function dependencyEdges(history: ExternalHistory, { before }: Chains): number[] {
  const { members, numberOf, readStart, readFrom } = history;
  const edges: number[] = [];
  members.forEach((transaction, member) => {
    for (const earlier of before[member] ?? []) edges.push(earlier, member);
    const end = readStart[transaction + 1] as number;
    for (let read = readStart[transaction] as number; read < end; read++) {
      const writer = readFrom[read] as number;
      if (writer !== INITIAL) edges.push(numberOf[writer] as number, member);
    }
  });
  return edges;
}

/**
 * Adds an edge to each version that a transaction read from the last writes of the key which the
 * transaction depends on; if it read the initial version, an edge from such a write to itself.
 */
function addOverwrites(
  history: ExternalHistory,
  { count, chainOf, placeOf, before }: Chains,
  order: Int32Array,
  edges: number[],
): void {
  const { members, numberOf, readStart, readFrom, readKey } = history;
  const writers = writersByChain(history, chainOf, placeOf);
  const clocks = new Int32Array(members.length * count).fill(-1);
  const join = (member: number, other: number) => {
    for (let chain = 0; chain < count; chain++) {
      const seen = clocks[other * count + chain] as number;
      if (seen > (clocks[member * count + chain] as number)) clocks[member * count + chain] = seen;
    }
    const own = member * count + (chainOf[other] as number);
    clocks[own] = Math.max(clocks[own] as number, placeOf[other] as number);
  };
  for (const member of order) {
    const transaction = members[member] as number;
    const begin = readStart[transaction] as number;
    const end = readStart[transaction + 1] as number;
    for (const earlier of before[member] ?? []) join(member, earlier);
    for (let read = begin; read < end; read++) {
      if (readFrom[read] !== INITIAL) join(member, numberOf[readFrom[read] as number] as number);
    }
    for (let read = begin; read < end; read++) {
      const from = readFrom[read] === INITIAL ? -1 : numberOf[readFrom[read] as number] as number;
      for (const { chain, list } of writers[readKey[read] as number] ?? []) {
        const other = latestUntil(list, placeOf, clocks[member * count + chain] as number);
        if (other < 0 || other === from) continue;
        const isKnown = from >= 0 &&
          (placeOf[other] as number) <= (clocks[from * count + chain] as number);
        if (!isKnown) edges.push(other, from < 0 ? other : from);
      }
    }
  }
}

interface ChainWriters {
  readonly chain: number;
  /** The members of the chain that write the key, in the order of the chain. */
  readonly list: number[];
}

function writersByChain(
  { members, keyCount, writeStart, writeKey }: ExternalHistory,
  chainOf: Int32Array,
  placeOf: Int32Array,
): readonly (readonly ChainWriters[])[] {
  const byKey = Array.from({ length: keyCount }, (): ChainWriters[] => []);
  const inChains = members.map((_, member) => member).sort((a, b) =>
    (placeOf[a] as number) - (placeOf[b] as number)
  );
  for (const member of inChains) {
    const transaction = members[member] as number;
    const end = writeStart[transaction + 1] as number;
    for (let write = writeStart[transaction] as number; write < end; write++) {
      const lists = byKey[writeKey[write] as number] as ChainWriters[];
      const chain = chainOf[member] as number;
      const found = lists.find((entry) => entry.chain === chain);
      if (found === undefined) lists.push({ chain, list: [member] });
      else found.list.push(member);
    }
  }
  return byKey;
}

/** Returns the last member of a list whose place is at most `place`, or −1. */
function latestUntil(list: readonly number[], placeOf: Int32Array, place: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((placeOf[list[middle] as number] as number) <= place) low = middle + 1;
    else high = middle;
  }
  return list[low - 1] ?? -1;
}
