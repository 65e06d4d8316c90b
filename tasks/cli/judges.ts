/**
 * What judges a history that is already there: the checker that `--model` names, a model of one's
 * own, or a workload.
 *
 * @module
 */

import { type Flag, UsageError } from "../../lib/base/mod.ts";
import {
  casRegister,
  checkAvailability,
  type Checker,
  checkLinearizable,
  checkSafely,
  mergeVerdicts,
  type Model,
  mutex,
  register,
  type Verdict,
} from "../../lib/check/mod.ts";
import type { History } from "../../lib/history/mod.ts";
import { importModule, isModulePath } from "../../lib/workbench/import_module.ts";
import { type TestOptions, type Workload, workloads } from "../../lib/workload/mod.ts";

/** The checkers of workloads that `--model` names as Elle and Jepsen do. */
const WORKLOADS_OF_MODELS = {
  "list-append": workloads.txnListAppend,
  "rw-register": workloads.txnRwRegister,
  "set-full": workloads.gSet,
  "counter": workloads.gCounter,
  "kafka": workloads.kafka,
  "unique-ids": workloads.uniqueIds,
} as const satisfies Readonly<Record<string, Workload>>;

/** Checks a history; `now` is a clock in milliseconds that bounds the time. */
type Check = (history: History, now: () => number) => Verdict;

/** Objects whose operations must be linearizable. */
const OBJECTS: Readonly<Record<string, Check>> = {
  "register": linearizable(register),
  "cas-register": linearizable(casRegister),
  "mutex": linearizable(mutex),
};

const NAMES = [...Object.keys(WORKLOADS_OF_MODELS), ...Object.keys(OBJECTS)];

/** The function of operations that do not name theirs. */
const DEFAULT_FUNCTIONS: Readonly<Record<string, string>> = {
  "list-append": "txn",
  "rw-register": "txn",
  "unique-ids": "generate",
};

/** The flag `--model`. */
export const modelFlag: Flag<string> = {
  short: "m",
  placeholder: "NAME",
  help: "what the history must be, see below",
  expectation: `one of ${NAMES.join(", ")}, or the path of a module whose default export is a ` +
    "linearizability model, such as ./queue.ts",
  parse: (value) => isModulePath(value) || NAMES.includes(value) ? value : undefined,
};

/** The models' names, as a line of a help text. */
export const MODEL_LIST = `Models: ${NAMES.join(", ")}; or a module whose default export is a ` +
  "model with init, step and equal, such as ./queue.ts";

/** A checker of histories. */
export interface Judge {
  /** The workload whose options the history has. */
  readonly workload: Workload;
  /** The function of operations that do not name theirs; undefined if they must. */
  readonly f?: string;
  /** Judges a history; the results have the checker's verdict as `workload`. */
  judge(history: History, options: TestOptions, now: () => number): Verdict;
}

/**
 * Returns the judge that `--model` names. It judges by nothing but the model, and by the
 * availability if that is asked for: how the history was made is not known.
 *
 * @throws {UsageError} The module cannot be imported, or its default export is not a model.
 */
export async function judgeOf(name: string): Promise<Judge> {
  const known = WORKLOADS_OF_MODELS[name as keyof typeof WORKLOADS_OF_MODELS];
  const workload: Workload = known ?? workloads.linKv;
  const object = known === undefined ? OBJECTS[name] ?? await loadModel(name) : undefined;
  const f = DEFAULT_FUNCTIONS[name];
  return {
    workload,
    ...(f === undefined ? {} : { f }),
    judge(history, options, now) {
      const check: Checker = object === undefined
        ? (history) => workload.check(history, { options, now })
        : (history) => object(history, now);
      const availability = options.availability === undefined
        ? {}
        : { availability: checkAvailability(history, options.availability) };
      return mergeVerdicts({ ...availability, workload: checkSafely(history, check) });
    },
  };
}

function linearizable<State>(model: Model<State>): Check {
  return (history, now) => checkLinearizable(history, model, { now });
}

async function loadModel(path: string): Promise<Check> {
  const { default: model } = await importModule("--model", path);
  if (model === undefined) {
    throw new UsageError(`--model ${path} has no default export; add one that is a Model`);
  }
  for (const member of ["init", "step"]) {
    if (typeof (model as Record<string, unknown> | null)?.[member] === "function") continue;
    throw new UsageError(
      `--model ${path}: its default export is not a Model: it has no function ${member}`,
    );
  }
  return linearizable(model as Model<unknown>);
}
