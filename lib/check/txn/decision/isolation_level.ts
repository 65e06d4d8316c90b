/**
 * The isolation levels that are decided from reads and writes alone, without an inferred version
 * order, and the anomaly that each violation is reported as.
 *
 * A level demands that some order of the writes explains all reads. Cerone, Bernardi & Gotsman
 * ("A Framework for Transactional Consistency Models with Atomic Visibility", CONCUR 2015) define the
 * levels by what transactions see; Biswas & Enea ("On the Complexity of Checking Transactional
 * Consistency", OOPSLA 2019) show which are polynomial: all up to `causal`.
 *
 * @module
 */

/** The rules of a level; see {@link isolationLevels} for what each demands. */
export type IsolationRule =
  | "acyclic"
  | "monotonic"
  | "atomic"
  | "causal"
  | "prefix"
  | "parallel"
  | "snapshot"
  | "serial";

/**
 * The order in time that a level respects: none, that of each process among its committed
 * transactions, or that of all transactions in real time.
 */
export type TimeRule = "none" | "process" | "realtime";

/** An isolation level. */
export interface IsolationLevel {
  readonly rule: IsolationRule;
  readonly time: TimeRule;
  /** The anomaly that a violation is reported as. Elle has none of these. */
  readonly anomaly: string;
  /** The canonical name of the weakest model that demands the level. */
  readonly model: string;
  /** What an order of the transactions does that satisfies the level. */
  readonly demand: string;
}

/** All levels, each after the levels that it implies. */
export const isolationLevels: readonly IsolationLevel[] = [
  {
    rule: "acyclic",
    time: "none",
    anomaly: "circular-information-flow",
    model: "PL-2",
    demand: "puts every write before the reads of its value",
  },
  {
    rule: "acyclic",
    time: "process",
    anomaly: "circular-information-flow-process",
    model: "strong-session-PL-2",
    demand: "keeps the order of each process and puts every write before the reads of its value",
  },
  {
    rule: "acyclic",
    time: "realtime",
    anomaly: "circular-information-flow-realtime",
    model: "strong-PL-2",
    demand: "keeps the order in real time and puts every write before the reads of its value",
  },
  {
    rule: "monotonic",
    time: "none",
    anomaly: "observed-transaction-vanishes",
    model: "monotonic-atomic-view",
    demand:
      "lets each transaction, once it has read from another, read all its writes or later ones",
  },
  {
    rule: "atomic",
    time: "none",
    anomaly: "fractured-read",
    model: "read-atomic",
    demand: "lets each transaction read all writes or none of each transaction that it reads from",
  },
  {
    rule: "causal",
    time: "none",
    anomaly: "causality-violation",
    model: "causal-cerone",
    demand: "lets each transaction read the latest write of those that it depends on",
  },
  {
    rule: "causal",
    time: "process",
    anomaly: "causality-violation-process",
    model: "strong-session-causal",
    demand:
      "lets each transaction read the latest write of those that it depends on through reads " +
      "and through earlier transactions of its process",
  },
  {
    rule: "prefix",
    time: "none",
    anomaly: "no-prefix-order",
    model: "prefix",
    demand: "lets each transaction read a state that all writes up to some point made",
  },
  {
    rule: "parallel",
    time: "none",
    anomaly: "no-parallel-snapshot-order",
    model: "PL-2+",
    demand: "lets each transaction read a causal snapshot without concurrent writes of a key",
  },
  {
    rule: "snapshot",
    time: "none",
    anomaly: "no-snapshot-order",
    model: "PL-SI",
    demand: "lets each transaction read a snapshot and write keys that nothing wrote since",
  },
  {
    rule: "snapshot",
    time: "process",
    anomaly: "no-snapshot-order-process",
    model: "strong-session-snapshot-isolation",
    demand: "lets each transaction read a snapshot that includes earlier transactions of its " +
      "process, and write keys that nothing wrote since",
  },
  {
    rule: "snapshot",
    time: "realtime",
    anomaly: "no-snapshot-order-realtime",
    model: "strong-snapshot-isolation",
    demand: "lets each transaction read a snapshot that includes all transactions completed " +
      "before it, and write keys that nothing wrote since",
  },
  {
    rule: "serial",
    time: "none",
    anomaly: "no-serial-order",
    model: "PL-2.99",
    demand: "lets each read return the latest write",
  },
  {
    rule: "serial",
    time: "process",
    anomaly: "no-serial-order-process",
    model: "strong-session-serializable",
    demand: "keeps the order of each process and lets each read return the latest write",
  },
  {
    rule: "serial",
    time: "realtime",
    anomaly: "no-serial-order-realtime",
    model: "PL-SS",
    demand: "keeps the order in real time and lets each read return the latest write",
  },
];

const impliedRules: Readonly<Record<IsolationRule, readonly IsolationRule[]>> = {
  acyclic: [],
  monotonic: ["acyclic"],
  atomic: ["monotonic", "acyclic"],
  causal: ["atomic", "monotonic", "acyclic"],
  prefix: ["causal", "atomic", "monotonic", "acyclic"],
  parallel: ["causal", "atomic", "monotonic", "acyclic"],
  snapshot: ["prefix", "parallel", "causal", "atomic", "monotonic", "acyclic"],
  serial: ["snapshot", "prefix", "parallel", "causal", "atomic", "monotonic", "acyclic"],
};

const impliedTimes: Readonly<Record<TimeRule, readonly TimeRule[]>> = {
  none: ["none"],
  process: ["none", "process"],
  realtime: ["none", "process", "realtime"],
};

/** Returns whether every history that satisfies one level satisfies another one. */
export function implies(
  stronger: Pick<IsolationLevel, "rule" | "time">,
  weaker: Pick<IsolationLevel, "rule" | "time">,
): boolean {
  const impliesRule = stronger.rule === weaker.rule ||
    impliedRules[stronger.rule].includes(weaker.rule);
  return impliesRule && impliedTimes[stronger.time].includes(weaker.time);
}

/** Returns whether a level demands that a transaction does not contradict itself. */
export function forbidsContradictions({ rule }: IsolationLevel): boolean {
  return rule !== "acyclic" && rule !== "monotonic";
}

/** Returns whether a level is decided in linear time, without a search. */
export function isLinear({ rule }: IsolationLevel): boolean {
  return rule === "acyclic" || rule === "monotonic" || rule === "atomic";
}
