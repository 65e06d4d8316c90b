/**
 * One small history of registers for each anomaly.
 *
 * @module
 */

import type { AnomalyExample } from "./list_anomaly_cases.ts";

/** Examples for registers. */
export const registerAnomalies: readonly AnomalyExample[] = [
  {
    name: "updates in opposite orders are a cycle of writes, which reads explain better",
    history: "wx1 ry1 wy2 | rx1 wx2 wy1",
    model: "read-uncommitted",
    types: ["PL-1-cycle-exists"],
    not: ["read-uncommitted"],
  },
  {
    name: "a read of an aborted write is G1a",
    history: "wx1! | wy1 ; rx1 ry1",
    model: "read-committed",
    types: ["G1a"],
    not: ["read-committed"],
  },
  {
    name: "a read in the middle of a transaction is G1b",
    history: "wx1 wx2 | rx1 ; rx2",
    model: "read-committed",
    types: ["G1b"],
    not: ["read-committed"],
  },
  {
    name: "two transactions that see each other are G1c",
    history: "wx1 ry1 | wy1 rx1",
    model: "read-committed",
    types: ["G1c"],
    not: ["read-committed"],
  },
  {
    name: "half of a transaction seen is G-single",
    history: "rx_ ry1 | wx1 wy1",
    model: "serializable",
    types: ["G-single-item"],
    not: ["consistent-view", "repeatable-read"],
  },
  {
    name: "a long fork is G-nonadjacent",
    history: "wx1 | wy1 | rx1 ry_ | rx_ ry1",
    model: "snapshot-isolation",
    types: ["G-nonadjacent-item"],
    not: ["repeatable-read", "snapshot-isolation"],
  },
  {
    name: "write skew is G2",
    history: "rx_ wy1 | ry_ wx1",
    model: "serializable",
    types: ["G2-item"],
    not: ["repeatable-read"],
  },
  {
    name: "write skew later in the lives of the registers is G2 where the order is known",
    history: "wx1 wy1 ; rx1 wx2 ry1 | ry1 wy2 rx1",
    model: "serializable",
    types: ["G2-item"],
    not: ["repeatable-read"],
  },
  {
    name: "a process that sees its own future is G1c-process",
    history: "0: rx1 ; 0: wx1",
    model: "strong-session-read-committed",
    types: ["G1c-process"],
    not: ["strong-session-read-committed"],
  },
  {
    name: "a read of what is written only later is G1c-realtime",
    history: "rx1 ; wx1",
    model: "strong-read-committed",
    types: ["G1c-realtime"],
    not: ["strong-read-committed"],
  },
  {
    name: "updates out of order in real time are such a cycle with real time",
    history: "rx2 wx3 ; wx2",
    model: "strong-read-uncommitted",
    types: ["strong-PL-1-cycle-exists"],
    not: ["strong-read-uncommitted"],
  },
  {
    name: "a process that misses its own write is G-single-process",
    history: "0: wx1 ; 0: rx_",
    model: "strong-session-serializable",
    types: ["G-single-item-process"],
    not: ["strong-session-snapshot-isolation"],
  },
  {
    name: "a stale read is G-single-realtime",
    history: "wx1 ; rx_",
    model: "strict-serializable",
    types: ["G-single-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "a stale read of a version that is known to be replaced is G-single-realtime",
    history: "wx1 ; rx1 wx2 ; rx1",
    model: "strict-serializable",
    types: ["G-single-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "a stale read of a version that was overwritten blindly is not seen",
    history: "wx1 ; wx2 ; rx1",
    model: "strict-serializable",
    types: [],
    not: [],
  },
  {
    name: "a fork that real time closes is G-nonadjacent-realtime",
    history: "2( | 3( ; 0: wy1 ; 1: rx_ ; 2: wx1 | 3: rx1 ry_",
    model: "strict-serializable",
    types: ["G-nonadjacent-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "write skew that a process closes is G2-process",
    history: "2( ; 0: wx1 ; 0: ry_ ; 2: wy1 rx_",
    model: "strong-session-serializable",
    types: ["G2-item-process"],
    not: ["strong-session-serializable"],
  },
  {
    name: "write skew that real time closes is G2-realtime",
    history: "2( ; 0: wx1 ; 1: ry_ ; 2: wy1 rx_",
    model: "strict-serializable",
    types: ["G2-item-realtime"],
    not: ["strong-serializable"],
  },
  {
    name: "a transaction that misses its own write is internal",
    history: "wx1 rx2 | wx2 ; rx1",
    model: "read-atomic",
    types: ["internal"],
    not: ["read-atomic"],
  },
  {
    name: "two updates of the same version are a lost update",
    history: "rx_ wx1 | rx_ wx2",
    model: "update-atomic",
    types: ["lost-update"],
    not: ["cursor-stability", "update-atomic"],
  },
  {
    name: "versions that were each made from the other are cyclic",
    history: "rx2 wx1 | rx1 wx2",
    model: "read-uncommitted",
    types: ["cyclic-versions"],
    not: ["read-uncommitted"],
  },
  {
    name: "a value that nobody wrote is a phantom",
    history: "wx1 ; rx1 ; rx2",
    model: "read-uncommitted",
    types: ["phantom-read"],
    not: ["read-uncommitted"],
  },
];
