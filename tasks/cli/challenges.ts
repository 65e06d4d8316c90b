/**
 * The Gossip Glomers challenges, and Maelstrom's other workloads, with their command lines and
 * limits.
 *
 * @module
 */

import { UsageError } from "../../lib/base/mod.ts";
import type { Verdict } from "../../lib/check/mod.ts";
import { projectPath } from "./users_folder.ts";

/** A limit for a metric. */
export interface Limit {
  readonly metric: Metric;
  /** The exclusive maximum. */
  readonly below?: number;
  /** The inclusive minimum. */
  readonly min?: number;
}

/** A challenge. */
export interface Challenge {
  /** The name on the command line, such as `3d`. */
  readonly id: string;
  readonly title: string;
  /** The arguments of `maelstrom test`. */
  readonly args: readonly string[];
  readonly limits: readonly Limit[];
}

/** A metric of results: its label with the unit, and its path in `results.json`. */
export interface Metric {
  readonly label: string;
  readonly path: readonly string[];
}

/** Messages between servers per operation. */
export const SERVER_MESSAGES: Metric = {
  label: "server messages per operation",
  path: ["net", "servers", "msgs-per-op"],
};
/** The median stable latency: milliseconds until every read of every node returns a value. */
export const MEDIAN_LATENCY: Metric = {
  label: "median latency (ms)",
  path: ["workload", "stable-latencies", "0.5"],
};
/** The maximum stable latency in milliseconds. */
export const MAX_LATENCY: Metric = {
  label: "maximum latency (ms)",
  path: ["workload", "stable-latencies", "1"],
};
/** The fraction of operations that succeeded. */
export const OK_FRACTION: Metric = {
  label: "ok fraction",
  path: ["availability", "ok-fraction"],
};

/** Returns the value of a metric; undefined when the results do not contain it. */
export function metricOf(results: Verdict, metric: Metric): number | undefined {
  let part: unknown = results;
  for (const key of metric.path) {
    if (part instanceof Map) {
      part = part.get(key) ?? part.get(Number(key));
    } else {
      part = typeof part === "object" && part !== null
        ? (part as Readonly<Record<string, unknown>>)[key]
        : undefined;
    }
  }
  return typeof part === "number" ? part : undefined;
}

/** Returns a challenge. Throws {@link UsageError} for an unknown id. */
export function findChallenge(id: string): Challenge {
  const challenge = CHALLENGES.find((candidate) => candidate.id === id);
  if (challenge !== undefined) return challenge;
  throw new UsageError(`unknown challenge "${id}"; choose one of ${challengeIds()}`);
}

/** Returns a challenge's arguments, with the path of its node from the working directory. */
export function argumentsOf({ args }: Challenge): string[] {
  return args.map((argument, index) =>
    args[index - 1] === "--bin" ? projectPath(argument) : argument
  );
}

/** Returns the ids of all challenges, for error messages. */
export function challengeIds(): string {
  return CHALLENGES.map(({ id }) => id).join(", ");
}

function challenge(id: string, title: string, line: string, limits: readonly Limit[] = []) {
  return { id, title, args: line.split(" "), limits };
}

const broadcast = "-w broadcast --bin nodes/broadcast.ts --time-limit 20";
const spread = `${broadcast} --node-count 25 --rate 100 --latency 100`;

/** All challenges, in order. */
export const CHALLENGES: readonly Challenge[] = [
  challenge("1", "echo", "-w echo --bin nodes/echo.ts --node-count 1 --time-limit 10"),
  challenge(
    "2",
    "unique ids",
    "-w unique-ids --bin nodes/unique_ids.ts --time-limit 30 --rate 1000 --node-count 3 " +
      "--availability total --nemesis partition",
    [{ metric: SERVER_MESSAGES, below: 0.001 }, { metric: OK_FRACTION, min: 1 }],
  ),
  challenge("3a", "single-node broadcast", `${broadcast} --node-count 1 --rate 10`),
  challenge("3b", "multi-node broadcast", `${broadcast} --node-count 5 --rate 10`),
  challenge(
    "3c",
    "fault-tolerant broadcast",
    `${broadcast} --node-count 5 --rate 10 --nemesis partition`,
  ),
  challenge("3d", "efficient broadcast I", spread, [
    { metric: SERVER_MESSAGES, below: 30 },
    { metric: MEDIAN_LATENCY, below: 400 },
    { metric: MAX_LATENCY, below: 600 },
  ]),
  challenge("3e", "efficient broadcast II", spread, [
    { metric: SERVER_MESSAGES, below: 20 },
    { metric: MEDIAN_LATENCY, below: 1000 },
    { metric: MAX_LATENCY, below: 2000 },
  ]),
  challenge(
    "4",
    "grow-only counter",
    "-w g-counter --bin nodes/g_counter.ts --node-count 3 --rate 100 --time-limit 20 " +
      "--nemesis partition",
  ),
  challenge(
    "5a",
    "single-node Kafka-style log",
    "-w kafka --bin nodes/kafka.ts --node-count 1 --concurrency 2n --time-limit 20 --rate 1000",
  ),
  challenge(
    "5b",
    "multi-node Kafka-style log",
    "-w kafka --bin nodes/kafka.ts --node-count 2 --concurrency 2n --time-limit 20 --rate 1000",
  ),
  challenge(
    "5c",
    "efficient Kafka-style log",
    "-w kafka --bin nodes/kafka.ts --node-count 2 --concurrency 2n --time-limit 20 --rate 1000",
    [{ metric: OK_FRACTION, min: 0.999 }],
  ),
  challenge(
    "6a",
    "single-node transactions",
    "-w txn-rw-register --bin nodes/txn_rw_register.ts --node-count 1 --time-limit 20 " +
      "--rate 1000 --concurrency 2n --consistency-models read-uncommitted --availability total",
  ),
  challenge(
    "6b",
    "read-uncommitted transactions",
    "-w txn-rw-register --bin nodes/txn_rw_register.ts --node-count 2 --concurrency 2n " +
      "--time-limit 20 --rate 1000 --consistency-models read-uncommitted --availability total " +
      "--nemesis partition",
    [{ metric: OK_FRACTION, min: 1 }],
  ),
  challenge(
    "6c",
    "read-committed transactions",
    "-w txn-rw-register --bin nodes/txn_rw_register.ts --node-count 2 --concurrency 2n " +
      "--time-limit 20 --rate 1000 --consistency-models read-committed --availability total " +
      "--nemesis partition",
    [{ metric: OK_FRACTION, min: 1 }],
  ),
  challenge(
    "g-set",
    "grow-only set",
    "-w g-set --bin nodes/g_set.ts --node-count 3 --rate 100 --time-limit 20 --nemesis partition",
  ),
  challenge(
    "pn-counter",
    "positive-negative counter",
    "-w pn-counter --bin nodes/pn_counter.ts --node-count 3 --rate 100 --time-limit 20 " +
      "--nemesis partition",
  ),
  challenge(
    "lin-kv",
    "linearizable key-value store",
    "-w lin-kv --bin nodes/lin_kv.ts --node-count 3 --concurrency 4n --rate 30 --time-limit 30 " +
      "--nemesis partition",
  ),
  challenge(
    "txn-list-append",
    "strict-serializable transactions",
    "-w txn-list-append --bin nodes/txn_list_append.ts --node-count 2 --rate 100 " +
      "--time-limit 20 --nemesis partition",
  ),
];
