/**
 * How an exploration reads the state of nodes: which operations only read, and what the operations
 * of the final phase show. Maelstrom's generators and checkers do not depend on it.
 *
 * @module
 */

import { canonicalJson, type Json } from "../base/mod.ts";
import type { History, Operation } from "../history/mod.ts";
import type { Invocation } from "./generator.ts";

/** A part of a state by name, such as an element of a set, and its value. */
export type StatePart = readonly [name: string, value: unknown];

/** What the final phase of a run shows of the state that all nodes must agree on. */
export interface FinalState {
  /** An operation that each worker makes before the workload's own final operations. */
  readonly first?: Invocation;
  /** Returns the parts of the state that a successful final operation shows. */
  observed(operation: Operation): Iterable<StatePart>;
  /** Describes a part for people; by default its name. */
  describe?(name: string): string;
  /** Returns the operation that acknowledged a part to a client; undefined without one. */
  acknowledgement?(name: string): Operation | undefined;
  /** The least value of some parts that acknowledged operations imply. */
  readonly leastValues?: ReadonlyMap<string, number>;
}

/** The operations of a workload that only read. */
export interface StateReads {
  /** Whether an operation only reads. */
  isRead(invocation: Invocation): boolean;
  /** Returns the operation without its writes; absent when every operation may write. */
  toRead?(invocation: Invocation): Invocation;
  /** Returns what the final phase shows; absent when the nodes have no state to agree on. */
  finalState?(main: History): FinalState;
  /** Whether the state only grows, so that a node may never show less than before; false by default. */
  readonly grows?: boolean;
  /** The anomalies that a loss of acknowledged writes causes. */
  readonly losses?: readonly string[];
  /** Whether the workload leaves it to the nodes whether they agree in the end; false by default. */
  readonly isAgreementOptional?: boolean;
}

const isRead = ({ f }: Invocation) => f === "read";
const toRead = (invocation: Invocation): Invocation =>
  isRead(invocation) ? invocation : { f: "read", value: null };

/** Returns the reads of a set with additions `addition`. */
export function setReads(addition: string): StateReads {
  return {
    isRead,
    toRead,
    grows: true,
    losses: ["lost", "flickering"],
    finalState: (main) => ({
      *observed({ f, value }) {
        if (f !== "read") return;
        for (const element of value as Json[]) yield [nameOf(element), true];
      },
      acknowledgement: (name) =>
        main.find(({ type, f, value }) =>
          type === "ok" && f === addition && nameOf(value as Json) === name
        ),
    }),
  };
}

/** The reads of a counter. */
export const counterReads: StateReads = {
  isRead,
  toRead,
  losses: ["unacceptable-read"],
  finalState: () => ({
    *observed({ f, value }) {
      if (f === "read") yield ["the counter", value];
    },
  }),
};

/** Marks the transactions that read all keys. */
const ALL_KEYS = "all-keys";

type Access = readonly [f: string, key: Json, value: Json];

/** The reads of transactions. */
export const transactionReads: StateReads = {
  isRead: ({ value }) => accesses(value).every(([f]) => f === "r"),
  toRead: (invocation) => ({
    ...invocation,
    value: accesses(invocation.value).map(([, key]): Access => ["r", key, null]),
  }),
};

/** The reads of registers in transactions. In the end every worker reads all keys at once. */
export const registerReads: StateReads = {
  ...transactionReads,
  isAgreementOptional: true,
  finalState(main) {
    const keys = new Map<string, Json>();
    for (const { f, value } of main) {
      if (f !== "txn") continue;
      for (const [, key] of accesses(value)) keys.set(nameOf(key), key);
    }
    const reads = [...keys.values()].map((key): Access => ["r", key, null]);
    const first = { f: "txn", value: reads, final: true, extra: { [ALL_KEYS]: true } };
    return {
      ...(reads.length === 0 ? {} : { first }),
      *observed({ value, extra }) {
        if (extra?.[ALL_KEYS] !== true) return;
        for (const [f, key, read] of accesses(value)) {
          if (f === "r") yield [`key ${nameOf(key)}`, read];
        }
      },
    };
  },
};

/** The reads of registers that are one key each. */
export const keyReads: StateReads = {
  isRead,
  toRead: (invocation) =>
    isRead(invocation)
      ? invocation
      : { f: "read", value: [(invocation.value as readonly Json[])[0], null] },
};

/** Returns a text that is the same for equal values. */
function nameOf(value: Json): string {
  return typeof value === "number" ? String(value) : canonicalJson(value);
}

function accesses(value: unknown): readonly Access[] {
  return value as readonly Access[];
}
