/**
 * The strategies of `nodes/broadcast.ts`, but for `hub`, which stands there.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { batch } from "./batch.ts";
import { flood } from "./flood.ts";
import { mesh } from "./mesh.ts";
import { plumtree } from "./plumtree.ts";
import type { Broadcast, StrategyOptions } from "./strategy.ts";
import { tree } from "./tree.ts";

export { type Broadcast, replicateValues, type StrategyOptions } from "./strategy.ts";

/** The default interval of each strategy that has one, in milliseconds. */
export const DEFAULT_INTERVAL_MS = { hub: 380, batch: 100, mesh: 4000, plumtree: 1000 } as const;

/** How to start each strategy. */
export const STRATEGIES = {
  mesh,
  retry: (node, options) => batch(node, { ...options, intervalMs: 0 }),
  batch,
  tree,
  plumtree,
  flood,
} satisfies Record<string, (node: Node, options: StrategyOptions) => Broadcast>;
