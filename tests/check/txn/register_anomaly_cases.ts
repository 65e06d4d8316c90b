/**
 * Example histories of rw-register: one for each anomaly, and some without anomalies.
 *
 * @module
 */

import type { AnomalyExample } from "./list_anomaly_cases.ts";

/** The examples. */
export const registerAnomalies: readonly AnomalyExample[] = [
  {
    name: "updates in opposite orders are a cycle of ww edges, which also have wr",
    history: "wx1 ry1 wy2 | rx1 wx2 wy1",
    model: "read-uncommitted",
    types: ["PL-1-cycle-exists"],
    not: ["read-uncommitted"],
  },
  {
    name: "an aborted read is G1a",
    history: "wx1! | wy1 ; rx1 ry1",
    model: "read-committed",
    types: ["G1a"],
    not: ["read-committed"],
  },
  {
    name: "an intermediate read is G1b",
    history: "wx1 wx2 | rx1 ; rx2",
    model: "read-committed",
    types: ["G1b"],
    not: ["read-committed"],
  },
  {
    name: "two transactions that observe each other are G1c",
    history: "wx1 ry1 | wy1 rx1",
    model: "read-committed",
    types: ["G1c"],
    not: ["read-committed"],
  },
  {
    name: "a read skew is G-single",
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
    name: "a write skew is G2",
    history: "rx_ wy1 | ry_ wx1",
    model: "serializable",
    types: ["G2-item"],
    not: ["repeatable-read"],
  },
  {
    name: "a write skew on later versions is G2 if the version order is inferred",
    history: "wx1 wy1 ; rx1 wx2 ry1 | ry1 wy2 rx1",
    model: "serializable",
    types: ["G2-item"],
    not: ["repeatable-read"],
  },
  {
    name: "a process that observes its own later write is G1c-process",
    history: "0: rx1 ; 0: wx1",
    model: "strong-session-read-committed",
    types: ["G1c-process"],
    not: ["strong-session-read-committed"],
  },
  {
    name: "a read that observes a write invoked later is G1c-realtime",
    history: "rx1 ; wx1",
    model: "strong-read-committed",
    types: ["G1c-realtime"],
    not: ["strong-read-committed"],
  },
  {
    name: "updates against the real-time order are a cycle of ww and realtime edges",
    history: "rx2 wx3 ; wx2",
    model: "strong-read-uncommitted",
    types: ["strong-PL-1-cycle-exists"],
    not: ["strong-read-uncommitted"],
  },
  {
    name: "a process that does not observe its own earlier write is G-single-process",
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
    name: "a stale read is G-single-realtime if the next version is inferred",
    history: "wx1 ; rx1 wx2 ; rx1",
    model: "strict-serializable",
    types: ["G-single-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name:
      "a stale read of a version that was overwritten by a blind write has no snapshot in real time",
    history: "wx1 ; wx2 ; rx1",
    model: "strict-serializable",
    types: ["no-snapshot-order-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "a long fork with a real-time edge is G-nonadjacent-realtime",
    history: "2( | 3( ; 0: wy1 ; 1: rx_ ; 2: wx1 | 3: rx1 ry_",
    model: "strict-serializable",
    types: ["G-nonadjacent-item-realtime"],
    not: ["strong-snapshot-isolation"],
  },
  {
    name: "a write skew with a process edge is G2-process",
    history: "2( ; 0: wx1 ; 0: ry_ ; 2: wy1 rx_",
    model: "strong-session-serializable",
    types: ["G2-item-process"],
    not: ["strong-session-serializable"],
  },
  {
    name: "a write skew with a real-time edge is G2-realtime",
    history: "2( ; 0: wx1 ; 1: ry_ ; 2: wy1 rx_",
    model: "strict-serializable",
    types: ["G2-item-realtime"],
    not: ["strong-serializable"],
  },
  {
    name: "a transaction that does not observe its own write is internal",
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
    name: "two versions that were each written after a read of the other are cyclic",
    history: "rx2 wx1 | rx1 wx2",
    model: "read-uncommitted",
    types: ["cyclic-versions"],
    not: ["read-uncommitted"],
  },
  {
    name: "a read of a value that was never written is a phantom read",
    history: "wx1 ; rx1 ; rx2",
    model: "read-uncommitted",
    types: ["phantom-read"],
    not: ["read-uncommitted"],
  },
];
