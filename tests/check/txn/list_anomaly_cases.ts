/**
 * Example histories of list-append: one for each anomaly, and some without anomalies.
 *
 * @module
 */

/** A history and its expected verdict. */
export interface AnomalyExample {
  readonly name: string;
  /** In the notation of `notation.ts`. */
  readonly history: string;
  /** The consistency model that is checked. */
  readonly model: string;
  /** The expected `anomaly-types`; the verdict is valid exactly if it is empty. */
  readonly types: readonly string[];
  /** The expected `not`. */
  readonly not: readonly string[];
}

/** The examples. */
export const listAnomalies: readonly AnomalyExample[] = [
  {
    name: "appends of two transactions in opposite orders are G0",
    history: "ax1 ay1 | ax2 ay2 ; rx12 ry21",
    model: "read-uncommitted",
    types: ["G0"],
    not: ["read-uncommitted"],
  },
  {
    name: "an aborted read is G1a",
    history: "ax1! | ay1 ; rx1 ry1",
    model: "read-committed",
    types: ["G1a"],
    not: ["read-committed"],
  },
  {
    name: "an intermediate read is G1b",
    history: "ax1 ax2 | rx1 ; rx12",
    model: "read-committed",
    types: ["G1b"],
    not: ["read-committed"],
  },
  {
    name: "two transactions that observe each other are G1c",
    history: "ax1 ry1 | ay1 rx1",
    model: "read-committed",
    types: ["G1c"],
    not: ["read-committed"],
  },
  {
    name: "a read skew is G-single",
    history: "rx_ ry1 | ax1 ay1",
    model: "serializable",
    types: ["G-single-item"],
    not: ["consistent-view", "repeatable-read"],
  },
  {
    name: "a long fork (reads observe two appends in opposite orders) is G-nonadjacent",
    history: "ax1 | ay1 | rx1 ry_ | rx_ ry1",
    model: "snapshot-isolation",
    types: ["G-nonadjacent-item"],
    not: ["repeatable-read", "snapshot-isolation"],
  },
  {
    name: "a write skew is G2",
    history: "rx_ ay1 | ry_ ax1",
    model: "serializable",
    types: ["G2-item"],
    not: ["repeatable-read"],
  },
  {
    name: "snapshot isolation allows write skew",
    history: "rx_ ay1 | ry_ ax1",
    model: "snapshot-isolation",
    types: [],
    not: [],
  },
  {
    name: "appends against the process order are G0-process",
    history: "0: ax1 ; 0: ax2 ; rx21",
    model: "strong-session-read-uncommitted",
    types: ["G0-process"],
    not: ["strong-session-read-uncommitted"],
  },
  {
    name: "appends against the real-time order are G0-realtime",
    history: "ax1 ; ax2 ; rx21",
    model: "strong-read-uncommitted",
    types: ["G0-realtime"],
    not: ["strong-read-uncommitted"],
  },
  {
    name: "a process that observes its own later append is G1c-process",
    history: "0: rx1 ; 0: ax1",
    model: "strong-session-read-committed",
    types: ["G1c-process"],
    not: ["strong-session-read-committed"],
  },
  {
    name: "a read that observes an append invoked later is G1c-realtime",
    history: "rx1 ; ax1",
    model: "strong-read-committed",
    types: ["G1c-realtime"],
    not: ["strong-read-committed"],
  },
  {
    name: "a process that does not observe its own earlier append is G-single-process",
    history: "0: ax1 ; 0: rx_",
    model: "strong-session-serializable",
    types: ["G-single-item-process"],
    not: ["strong-session-snapshot-isolation"],
  },
  {
    name: "a stale read is G-single-realtime",
    history: "ax1 ; rx_",
    model: "strict-serializable",
    types: ["G-single-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "serializable allows a stale read",
    history: "ax1 ; rx_",
    model: "serializable",
    types: [],
    not: [],
  },
  {
    name: "a long fork with a process edge is G-nonadjacent-process",
    history: "2( | 3( ; 0: ay1 ; 0: rx_ ; 2: ax1 | 3: rx1 ry_",
    model: "strong-session-serializable",
    types: ["G-nonadjacent-item-process"],
    not: ["strong-session-snapshot-isolation"],
  },
  {
    name: "a long fork with a real-time edge is G-nonadjacent-realtime",
    history: "2( | 3( ; 0: ay1 ; 1: rx_ ; 2: ax1 | 3: rx1 ry_",
    model: "strict-serializable",
    types: ["G-nonadjacent-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "a write skew with a process edge is G2-process",
    history: "2( ; 0: ax1 ; 0: ry_ ; 2: ay1 rx_",
    model: "strong-session-serializable",
    types: ["G2-item-process"],
    not: ["strong-session-serializable"],
  },
  {
    name: "a write skew with a real-time edge is G2-realtime",
    history: "2( ; 0: ax1 ; 1: ry_ ; 2: ay1 rx_",
    model: "strict-serializable",
    types: ["G2-item-realtime"],
    not: ["strong-serializable"],
  },
  {
    name: "a transaction that does not observe its own append is internal",
    history: "ax1 rx_ ; rx1",
    model: "read-atomic",
    types: ["internal"],
    not: ["read-atomic"],
  },
  {
    name: "a read that contradicts the transaction's earlier read and append is internal",
    history: "ax1 ; rx1 ax2 rx2 ; rx12",
    model: "read-atomic",
    types: ["incompatible-order", "internal"],
    not: ["read-committed"],
  },
  {
    name: "a committed append after an aborted one is a dirty update",
    history: "ax1! | ax2 ; rx12",
    model: "read-committed",
    types: ["G1a", "dirty-update"],
    not: ["read-committed"],
  },
  {
    name: "two updates of the same version are a lost update",
    history: "rx_ ax1 | rx_ ax2",
    model: "update-atomic",
    types: ["lost-update"],
    not: ["cursor-stability", "update-atomic"],
  },
  {
    name: "reads that are not prefixes of each other are an incompatible order",
    history: "ax1 | ax2 | ax3 ; rx12 | rx13",
    model: "read-committed",
    types: ["incompatible-order"],
    not: ["read-committed"],
  },
  {
    name: "a read that returns an element twice has duplicate elements",
    history: "ax1 ; rx11",
    model: "read-uncommitted",
    types: ["duplicate-elements"],
    not: ["read-uncommitted"],
  },
  {
    name: "a transaction that reads its own later append is a future read",
    history: "rx1 ax1 ; rx1",
    model: "read-atomic",
    types: ["future-read"],
    not: ["read-committed"],
  },
  {
    name: "a read of an element that was never appended is a phantom read",
    history: "ax1 | rx_ ; rx12",
    model: "read-uncommitted",
    types: ["phantom-read"],
    not: ["read-uncommitted"],
  },
];
