/**
 * Compares the checkers of transactions with a brute-force oracle on small random histories, model by
 * model.
 *
 * @module
 */

import { Random } from "../../../lib/base/mod.ts";
import { checkListAppend, checkRwRegister } from "../../../lib/check/txn/mod.ts";
import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";
import type { WriteFunction } from "../../../lib/testing/mod.ts";
import { type Axioms, satisfies } from "./isolation_oracle.ts";

const causalWithProcesses: Axioms = { reads: "one-set", transitive: true, time: "process" };

/** By model: the axioms that it demands; an order for each entry must exist. */
export const axiomsOfModels: Readonly<Record<string, readonly Axioms[]>> = {
  "read-uncommitted": [{ reads: "uncommitted" }],
  "strong-session-read-uncommitted": [{ reads: "uncommitted", time: "process" }],
  "strong-read-uncommitted": [{ reads: "uncommitted", time: "realtime" }],
  "read-committed": [{ reads: "one-writer" }],
  "strong-session-read-committed": [{ reads: "one-writer", time: "process" }],
  "strong-read-committed": [{ reads: "one-writer", time: "realtime" }],
  "monotonic-atomic-view": [{ reads: "growing" }],
  "read-atomic": [{ reads: "one-set" }],
  "causal-cerone": [causalWithProcesses],
  "strong-session-causal": [causalWithProcesses],
  "prefix": [causalWithProcesses, { reads: "one-set", prefix: true }],
  "parallel-snapshot-isolation": [
    causalWithProcesses,
    { reads: "one-set", transitive: true, noConflict: true },
  ],
  "consistent-view": [{ reads: "one-set", transitive: true, noConflict: true }],
  "snapshot-isolation": [{ reads: "one-set", prefix: true, noConflict: true }],
  "strong-session-snapshot-isolation": [
    { reads: "one-set", prefix: true, noConflict: true, time: "process" },
  ],
  "strong-snapshot-isolation": [
    { reads: "one-set", prefix: true, noConflict: true, time: "realtime" },
  ],
  "repeatable-read": [{ reads: "one-set", total: true }],
  "serializable": [{ reads: "one-set", total: true }],
  "strong-session-serializable": [{ reads: "one-set", total: true, time: "process" }],
  "strict-serializable": [{ reads: "one-set", total: true, time: "realtime" }],
};

type Micro = readonly [f: string, key: number, value: unknown];

/**
 * Returns a history of two to four transactions. Reads return any version of their key, whether or
 * not that makes sense; no transaction reads a key that it has written.
 */
export function smallHistory(random: Random, kind: WriteFunction): History {
  const keyCount = 1 + random.integer(3);
  const written = new Map<number, number>();
  const transactions = Array.from({ length: 2 + random.integer(3) }, () => {
    const micros: Micro[] = [];
    for (let left = 1 + random.integer(3); left > 0; left--) {
      const key = random.integer(keyCount);
      if (random.chance(0.5)) {
        if (!micros.some(([f, other]) => f !== "r" && other === key)) micros.push(["r", key, null]);
        continue;
      }
      written.set(key, (written.get(key) ?? 0) + 1);
      micros.push([kind, key, written.get(key)]);
    }
    return micros.length === 0 ? [["r", 0, null]] as Micro[] : micros;
  });
  return schedule(transactions, (micros) => {
    return micros.map(([f, key, value]): Micro =>
      f === "r" ? [f, key, random.pick(versionsOf(transactions, key))] : [f, key, value]
    );
  }, random);
}

/** Returns the versions of a key that the transactions write in turn, and the initial one. */
function versionsOf(transactions: readonly (readonly Micro[])[], key: number): unknown[] {
  const versions: unknown[] = [null];
  let list: unknown[] = [];
  for (const micros of transactions) {
    const values = micros.filter(([f, other]) => f !== "r" && other === key).map(([, , v]) => v);
    if (values.length === 0) continue;
    list = [...list, ...values];
    versions.push(micros.some(([f]) => f === "append") ? list : values.at(-1));
  }
  return versions;
}

/**
 * Returns a history of two to four transactions, some of which abort. Transactions read keys that they
 * wrote, the versions have any order, and a few reads return intermediate, aborted or unknown values.
 */
export function wildHistory(random: Random, kind: WriteFunction): History {
  const keyCount = 1 + random.integer(2);
  const written = new Map<number, number>();
  const transactions = Array.from(
    { length: 2 + random.integer(3) },
    () =>
      Array.from({ length: 1 + random.integer(3) }, (): Micro => {
        const key = random.integer(keyCount);
        if (random.chance(0.5)) return ["r", key, null];
        written.set(key, (written.get(key) ?? 0) + 1);
        return [kind, key, written.get(key)];
      }),
  );
  const aborted = transactions.filter(() => random.chance(0.1));
  const order = random.shuffle(transactions.filter((micros) => !aborted.includes(micros)));
  const oddVersions = (key: number): unknown[] => {
    const values = [...transactions.flat(), ["w", key, 9] as const]
      .filter(([f, other]) => f !== "r" && other === key).map(([, , value]) => value);
    if (kind === "w") return values;
    return [random.shuffle(values), values.slice(0, 1 + random.integer(values.length))];
  };
  return schedule(
    transactions,
    (micros) => {
      const lastOf = new Map<number, unknown>();
      return micros.map(([f, key, value]): Micro => {
        const last = lastOf.get(key);
        const read = random.chance(0.04)
          ? random.pick(oddVersions(key))
          : last !== undefined && random.chance(0.9)
          ? last
          : random.pick(versionsOf(order, key));
        const result = f === "r" ? read : f === "w" ? value : [...(last ?? []) as unknown[], value];
        lastOf.set(key, result);
        return [f, key, f === "r" ? read : value];
      });
    },
    random,
    aborted,
  );
}

/** Returns a history in which a few processes execute the transactions at random times. */
function schedule(
  transactions: readonly (readonly Micro[])[],
  execute: (micros: readonly Micro[]) => readonly Micro[],
  random: Random,
  aborted: readonly (readonly Micro[])[] = [],
): History {
  const history: Operation[] = [];
  const add = (process: number, type: OperationType, value: readonly Micro[]) =>
    history.push({
      index: history.length,
      time: history.length * 1e6,
      type,
      process,
      f: "txn",
      value,
    });
  const idle = Array.from({ length: 1 + random.integer(3) }, (_, process) => process);
  const running: { process: number; micros: readonly Micro[] }[] = [];
  const waiting = [...transactions];
  let nextProcess = idle.length;
  while (waiting.length + running.length > 0) {
    const mayInvoke = waiting.length > 0 && idle.length > 0;
    if (mayInvoke && (running.length === 0 || random.chance(0.5))) {
      const [process] = idle.splice(random.integer(idle.length), 1) as [number];
      const micros = waiting.shift() as readonly Micro[];
      running.push({ process, micros });
      add(process, "invoke", micros);
      continue;
    }
    const at = random.integer(running.length);
    const [{ process, micros }] = running.splice(at, 1) as [typeof running[number]];
    const isAborted = aborted.includes(micros);
    const isUnknown = !isAborted && random.chance(0.1);
    if (isAborted) add(process, "fail", micros);
    else add(process, isUnknown ? "info" : "ok", isUnknown ? micros : execute(micros));
    idle.push(isUnknown ? nextProcess++ : process);
  }
  return history;
}

/**
 * Returns whether no two committed reads of a list contradict each other. Elle attributes such reads to
 * aborted transactions, which read-uncommitted lets them return.
 */
function hasOneOrder(history: History): boolean {
  const reads = history.filter(({ type }) => type === "ok")
    .flatMap(({ value }) => value as readonly Micro[])
    .filter(([f, , value]) => f === "r" && value !== null) as [string, number, unknown[]][];
  return reads.every(([, key, value]) =>
    reads.every(([, other, longer]) =>
      other !== key || longer.length < value.length ||
      JSON.stringify(longer.slice(0, value.length)) === JSON.stringify(value)
    )
  );
}

/** The numbers of histories by verdict. */
export interface Comparison {
  valid: number;
  invalid: number;
  /** Histories without dependencies, and histories on which the oracle says nothing. */
  left: number;
}

/** Judges a random history under a model: a small one, or a wild one. */
function checkRandom(kind: WriteFunction, model: string, seed: string, isSmall: boolean) {
  const random = new Random(`${kind} ${model} ${seed}`);
  const history = isSmall ? smallHistory(random, kind) : wildHistory(random, kind);
  const check = kind === "w" ? checkRwRegister : checkListAppend;
  const verdict = check(history, { consistencyModels: [model] });
  return { history, verdict, types: verdict["anomaly-types"] ?? [] };
}

/** Whether a history satisfies all axioms of a model. */
function satisfiesModel(history: History, model: string): boolean {
  return (axiomsOfModels[model] as readonly Axioms[]).every((axioms) => satisfies(history, axioms));
}

/**
 * Compares the checker with the oracle under a model, on `runs` histories. Throws an error for the
 * first difference.
 */
export function compareWithOracle(
  kind: WriteFunction,
  model: string,
  runs: number,
  seed: number | string = 0,
): Comparison {
  const comparison: Comparison = { valid: 0, invalid: 0, left: 0 };
  const isUncommitted = model.endsWith("read-uncommitted");
  for (let run = 0; comparison.valid + comparison.invalid < runs; run++) {
    const { history, verdict, types } = checkRandom(kind, model, `${seed} ${run}`, run % 2 === 0);
    if (
      types.includes("empty-transaction-graph") ||
      isUncommitted && kind === "append" && !hasOneOrder(history)
    ) {
      comparison.left++;
      continue;
    }
    const holds = satisfiesModel(history, model);
    // Elle assumes that a transaction overwrites the version of a register that it read.
    const mayDiffer = isUncommitted && kind === "w" && holds;
    if (verdict["valid?"] !== holds && !mayDiffer) {
      throw new Error(
        `${model} ${holds ? "holds" : "does not hold"}, but the checker returned ` +
          `${verdict["valid?"]} ${types} in run ${run}:\n${formatHistory(history)}`,
      );
    }
    comparison[holds ? "valid" : "invalid"]++;
  }
  return comparison;
}

/** Models of which only some violations show, with models that they imply and that imply them. */
export const boundsOfModels: Readonly<Record<string, { implied: string; implying: string }>> = {
  "cursor-stability": { implied: "read-committed", implying: "consistent-view" },
  "monotonic-view": { implied: "read-committed", implying: "consistent-view" },
  "monotonic-snapshot-read": { implied: "read-committed", implying: "snapshot-isolation" },
  "forward-consistent-view": { implied: "consistent-view", implying: "snapshot-isolation" },
  "update-atomic": { implied: "read-atomic", implying: "parallel-snapshot-isolation" },
  "update-serializable": { implied: "consistent-view", implying: "serializable" },
};

/**
 * Compares a model of which only some violations show with the oracle on `runs` histories: it must be
 * invalid where a weaker model is, and valid where a stronger one is. Returns the number of histories
 * that both decide.
 */
export function compareWithBounds(
  kind: WriteFunction,
  model: string,
  runs: number,
  seed: number | string = 0,
): Comparison {
  const comparison: Comparison = { valid: 0, invalid: 0, left: 0 };
  const { implied, implying } = boundsOfModels[model] as typeof boundsOfModels[string];
  for (let run = 0; run < runs; run++) {
    const { history, verdict, types } = checkRandom(kind, model, `${seed} ${run}`, run % 2 === 0);
    const expected = !satisfiesModel(history, implied)
      ? false
      : satisfiesModel(history, implying)
      ? true
      : undefined;
    if (types.includes("empty-transaction-graph") || expected === undefined) {
      comparison.left++;
      continue;
    }
    if (verdict["valid?"] !== expected) {
      throw new Error(
        `${implied} and ${implying} imply ${model} ${expected}, but the checker returned ` +
          `${verdict["valid?"]} ${types} in run ${run}:\n${formatHistory(history)}`,
      );
    }
    comparison[expected ? "valid" : "invalid"]++;
  }
  return comparison;
}

function formatHistory(history: History): string {
  return history.map(({ process, type, value }) => `${process} ${type} ${JSON.stringify(value)}`)
    .join("\n");
}
