/**
 * The nodes of the project, one line for each strategy, with a short piece of work for each.
 *
 * @module
 */

import type { NodeFunction } from "../../lib/node/mod.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";
import echo from "../../nodes/echo.ts";
import gCounter from "../../nodes/g_counter.ts";
import gSet from "../../nodes/g_set.ts";
import pnCounter from "../../nodes/pn_counter.ts";
import uniqueIds from "../../nodes/unique_ids.ts";
import type { TestedNode } from "./tested_node.ts";

/** A node of the project, with a strategy unless it has but one. */
export interface ProjectNode extends TestedNode {
  readonly strategy: string | undefined;
}

const counting = { timeLimit: 3, rate: 50 };

/** All nodes of the project in all strategies. */
export const PROJECT_NODES: readonly ProjectNode[] = [
  ...nodesOf("echo", echo, 1, { timeLimit: 2, rate: 50 }),
  ...nodesOf("unique-ids", uniqueIds, 3, { timeLimit: 2, rate: 100 }, [
    ...["counter", "uuid", "modulo", "snowflake", "lin-kv", "lin-tso"],
  ]),
  ...nodesOf("g-set", gSet, 3, counting),
  ...nodesOf("g-counter", gCounter, 3, counting, ["crdt", "seq-kv", "cas", "peers"]),
  ...nodesOf("pn-counter", pnCounter, 3, counting, ["crdt", "seq-kv", "cas", "peers"]),
];

function nodesOf(
  workload: string,
  program: NodeFunction,
  nodeCount: number,
  options: Partial<TestOptions>,
  strategies: readonly (string | undefined)[] = [undefined],
): ProjectNode[] {
  const path = `../../nodes/${workload.replaceAll("-", "_")}.ts`;
  const file = new URL(path, import.meta.url).pathname;
  return strategies.map((strategy) => ({
    workload,
    program,
    file,
    nodeCount,
    options,
    strategy,
    args: strategy === undefined ? [] : ["--strategy", strategy],
  }));
}
