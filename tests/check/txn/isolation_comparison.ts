/**
 * Compares the checkers of transactions with a brute-force oracle on small random histories, model by
 * model. Run it as a program with the number of histories of each model and workload:
 *
 *     deno run tests/check/txn/isolation_comparison.ts 10000
 *
 * @module
 */

import { Random } from "../../../lib/base/mod.ts";
import { checkListAppend, checkRwRegister } from "../../../lib/check/txn/mod.ts";
import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";
import { print } from "../../../tasks/cli/console.ts";
import type { WriteFunction } from "../../../lib/testing/mod.ts";
import { type Axioms, satisfies } from "./isolation_oracle.ts";

const causalWithProcesses: Axioms = { reads: "one-set", transitive: true, time: "process" };

/** By model: the axioms that it demands; an order for each entry must exist. */
export const axiomsOfModels: Readonly<Record<string, readonly Axioms[]>> = {
  "read-committed": [{ reads: "one-writer" }],
  "monotonic-atomic-view": [{ reads: "growing" }],
  "read-atomic": [{ reads: "one-set" }],
  "causal-cerone": [causalWithProcesses],
  "prefix": [causalWithProcesses, { reads: "one-set", prefix: true }],
  "parallel-snapshot-isolation": [
    causalWithProcesses,
    { reads: "one-set", transitive: true, noConflict: true },
  ],
  "snapshot-isolation": [{ reads: "one-set", prefix: true, noConflict: true }],
  "strong-session-snapshot-isolation": [
    { reads: "one-set", prefix: true, noConflict: true, time: "process" },
  ],
  "strong-snapshot-isolation": [
    { reads: "one-set", prefix: true, noConflict: true, time: "realtime" },
  ],
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

/** Returns a history in which a few processes execute the transactions at random times. */
function schedule(
  transactions: readonly (readonly Micro[])[],
  execute: (micros: readonly Micro[]) => readonly Micro[],
  random: Random,
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
    const isUnknown = random.chance(0.1);
    add(process, isUnknown ? "info" : "ok", isUnknown ? micros : execute(micros));
    idle.push(isUnknown ? nextProcess++ : process);
  }
  return history;
}

/** The numbers of histories by verdict. */
export interface Comparison {
  valid: number;
  invalid: number;
  /** Histories without dependencies, on which the checkers give no verdict of their own. */
  empty: number;
}

/**
 * Compares the checker with the oracle under a model, on `runs` histories with dependencies. Throws an
 * error for the first difference.
 */
export function compareWithOracle(
  kind: WriteFunction,
  model: string,
  runs: number,
  seed: number | string = 0,
): Comparison {
  const comparison: Comparison = { valid: 0, invalid: 0, empty: 0 };
  const check = kind === "w" ? checkRwRegister : checkListAppend;
  for (let run = 0; comparison.valid + comparison.invalid < runs; run++) {
    const history = smallHistory(new Random(`${kind} ${model} ${seed} ${run}`), kind);
    const verdict = check(history, { consistencyModels: [model] });
    const types = verdict["anomaly-types"] ?? [];
    if (types.includes("empty-transaction-graph")) {
      comparison.empty++;
      continue;
    }
    const holds = (axiomsOfModels[model] as readonly Axioms[])
      .every((axioms) => satisfies(history, axioms));
    if (verdict["valid?"] !== holds) {
      const lines = history.map(({ process, type, value }) =>
        `${process} ${type} ${JSON.stringify(value)}`
      );
      throw new Error(
        `${model} ${holds ? "holds" : "does not hold"}, but the checker returned ` +
          `${verdict["valid?"]} ${types} in run ${run}:\n${lines.join("\n")}`,
      );
    }
    comparison[holds ? "valid" : "invalid"]++;
  }
  return comparison;
}

if (import.meta.main) {
  const runs = Number(Deno.args[0] ?? 10_000);
  for (const kind of ["w", "append"] as const) {
    for (const model of Object.keys(axiomsOfModels)) {
      const { valid, invalid, empty } = compareWithOracle(kind, model, runs, "long");
      print(`${kind} ${model}: ${valid} valid, ${invalid} invalid, ${empty} empty`);
    }
  }
}
