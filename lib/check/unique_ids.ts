/**
 * Checks a generator of unique ids: no two acknowledged operations return the same id.
 *
 * @module
 */

import { type History, isClientOperation, type Operation } from "../history/mod.ts";
import { clojureCanOrder, compareJson } from "./compare_json.ts";
import { ElementTable } from "./element_table.ts";
import {
  describeOperation,
  describeValue,
  type Explanation,
  MAX_EXPLANATIONS_PER_TYPE,
} from "./explanation.ts";
import type { Verdict } from "./verdict.ts";

const MAX_DUPLICATES_LISTED = 48;

/** The verdict of {@link checkUniqueIds}. */
export interface UniqueIdsVerdict extends Verdict {
  /** The number of ids that clients requested. */
  readonly "attempted-count": number;
  /** The number of ids that they received. */
  readonly "acknowledged-count": number;
  /** The number of distinct ids that were received more than once. */
  readonly "duplicated-count": number;
  /** The most frequent duplicated ids, with the number of times that each was generated. */
  readonly duplicated: ReadonlyMap<unknown, number>;
  /** The lowest and the highest id; undefined without ids. */
  readonly range: readonly [min: unknown, max: unknown];
}

/**
 * Checks `generate` operations, whose ok values may be any JSON (`1` and `1.0` differ, as
 * in Maelstrom). Reports `attempted-count`, `acknowledged-count`, `duplicated-count`, `duplicated` (the
 * 48 most frequent ids, with their counts) and the `range` of the ids in the order of {@link
 * compareJson}.
 *
 * Maelstrom cannot compare ids of different kinds; its verdict is then `unknown`
 * (`maelstrom-valid?`).
 */
export function checkUniqueIds(history: History): UniqueIdsVerdict {
  const generated = history.filter((operation) =>
    operation.f === "generate" && isClientOperation(operation)
  );
  const acknowledged = generated.filter(({ type }) => type === "ok");
  const duplicates = findDuplicates(acknowledged);
  const ids = acknowledged.map(({ value }) => value);
  const valid = duplicates.length === 0;
  const maelstrom = clojureCanOrder(ids) ? valid : "unknown";
  return {
    "valid?": valid,
    ...(maelstrom === valid ? {} : { "maelstrom-valid?": maelstrom }),
    "attempted-count": generated.filter(({ type }) => type === "invoke").length,
    "acknowledged-count": acknowledged.length,
    "duplicated-count": duplicates.length,
    duplicated: new Map(
      [...duplicates]
        .sort((a, b) => b.operations.length - a.operations.length)
        .slice(0, MAX_DUPLICATES_LISTED)
        .sort((a, b) => compareJson(a.id, b.id))
        .map(({ id, operations }) => [id, operations.length]),
    ),
    range: range(ids),
    ...(valid ? {} : { explanations: duplicates.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explain) }),
  };
}

interface Duplicate {
  readonly id: unknown;
  readonly operations: readonly Operation[];
}

function findDuplicates(acknowledged: readonly Operation[]): Duplicate[] {
  const table = new ElementTable();
  const first: Operation[] = [];
  const repeated = new Map<number, Operation[]>();
  for (const operation of acknowledged) {
    const id = table.intern(operation.value);
    const earliest = first[id];
    if (earliest === undefined) {
      first[id] = operation;
      continue;
    }
    const operations = repeated.get(id);
    if (operations === undefined) repeated.set(id, [earliest, operation]);
    else operations.push(operation);
  }
  return [...repeated].map(([id, operations]) => ({ id: table.value(id), operations }));
}

function range(ids: readonly unknown[]): [min: unknown, max: unknown] {
  let min: unknown = ids[0] ?? null;
  let max = min;
  for (const id of ids) {
    if (compareJson(id, min) < 0) min = id;
    if (compareJson(id, max) > 0) max = id;
  }
  return [min, max];
}

function explain({ id, operations }: Duplicate): Explanation {
  const [first, second] = operations as [Operation, Operation, ...Operation[]];
  return {
    type: "duplicated-id",
    message: `The id ${describeValue(id)} was generated ${operations.length} times, ` +
      `first by ${describeOperation(first)}, then by ${describeOperation(second)}.`,
    element: id,
    operations: operations.slice(0, MAX_EXPLANATIONS_PER_TYPE),
  };
}
