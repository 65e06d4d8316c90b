/**
 * Checks that all nodes agree in the final phase: the clients of each node must read the same state,
 * with everything that was acknowledged.
 *
 * Maelstrom checks less. A set's element may be absent from the final read of a node if a client of
 * another node reads it later; a log's end may be missing on some nodes; and registers are never
 * read after the faults. So the verdict has `maelstrom-valid?` true.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import { describeValue, type Explanation, type Verdict } from "../../check/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import type { FinalState } from "../../workload/mod.ts";

const MAX_EXPLANATIONS = 8;

/** The verdict on the agreement of the nodes. */
export interface AgreementVerdict extends Verdict {
  /** What nodes disagree on, if they do. */
  readonly explanations?: readonly Explanation[];
}

/** What the clients of one worker read in the end. */
interface View {
  readonly node: string;
  readonly parts: ReadonlyMap<string, unknown>;
}

/** Checks the history of a final phase, whose worker i uses the client of node i mod n. */
export function checkAgreement(
  final: History,
  state: FinalState,
  { concurrency, nodes, mayNeverSucceed }: {
    readonly concurrency: number;
    readonly nodes: readonly string[];
    readonly mayNeverSucceed: readonly string[];
  },
): AgreementVerdict {
  const nodeOf = ({ process }: Operation) => {
    const worker = (process as number) % concurrency;
    return nodes[worker % nodes.length] as string;
  };
  const operations = final.filter((operation) =>
    isClientOperation(operation) && !mayNeverSucceed.includes(operation.f)
  );
  const explanations = explain(viewsOf(operations, state, concurrency, nodeOf), state, nodeOf);
  if (explanations.length === 0) return { "valid?": true };
  return { "valid?": false, "maelstrom-valid?": true, explanations };
}

/** Returns what each worker read whose final operations have all succeeded. */
function viewsOf(
  operations: readonly Operation[],
  state: FinalState,
  concurrency: number,
  nodeOf: (operation: Operation) => string,
): View[] {
  const views = new Map<number, { node: string; parts: Map<string, unknown> }>();
  const incomplete = new Set<number>();
  for (const operation of operations) {
    if (operation.type === "invoke") continue;
    const worker = (operation.process as number) % concurrency;
    if (operation.type !== "ok") {
      incomplete.add(worker);
      continue;
    }
    let view = views.get(worker);
    if (view === undefined) views.set(worker, view = { node: nodeOf(operation), parts: new Map() });
    for (const [name, value] of state.observed(operation)) view.parts.set(name, value);
  }
  return [...views].flatMap(([worker, view]) => incomplete.has(worker) ? [] : [view]);
}

function explain(
  views: readonly View[],
  state: FinalState,
  nodeOf: (operation: Operation) => string,
): Explanation[] {
  const [first] = views;
  if (first === undefined) return [];
  const explanations = new Map<string, Explanation>();
  const add = (name: string, message: string, node: string) => {
    if (explanations.size >= MAX_EXPLANATIONS || explanations.has(name)) return;
    explanations.set(name, { type: "diverged", message, node });
  };
  const describe = (name: string) => state.describe?.(name) ?? name;
  const missing = (name: string, node: string, shown: string) => {
    const acknowledged = state.acknowledgement?.(name);
    const source = acknowledged === undefined
      ? `${shown} showed`
      : `${nodeOf(acknowledged)} acknowledged`;
    add(name, `${node} never showed ${describe(name)}, which ${source}`, node);
  };
  for (const { node, parts } of views) {
    for (const [name, value] of parts) {
      if (!first.parts.has(name)) missing(name, first.node, node);
      else if (!isEqual(first.parts.get(name), value)) {
        const other = describeValue(first.parts.get(name));
        add(
          name,
          `${describe(name)} is ${other} on ${first.node} and ${describeValue(value)} on ${node}`,
          node,
        );
      }
    }
    if (parts.size < first.parts.size) {
      for (const name of first.parts.keys()) if (!parts.has(name)) missing(name, node, first.node);
    }
    for (const [name, least] of state.leastValues ?? []) {
      const value = parts.get(name);
      if ((typeof value === "number" || typeof value === "bigint") && value >= least) continue;
      const found = value === undefined ? "absent" : describeValue(value);
      add(
        name,
        `${describe(name)} is ${found} on ${node}, although ${least} was acknowledged`,
        node,
      );
    }
  }
  return [...explanations.values()];
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || stringifyJson(one) === stringifyJson(other);
}
