/**
 * The variants that `deno task compare broadcast` measures, and the published results and challenge
 * limits that it prints beside them.
 *
 * @module
 */

import {
  batchMessages,
  floodMessages,
  hubMessages,
  meshMessages,
  type MessageModel,
  plumtreeMessages,
  retryMessages,
  treeMessages,
} from "./broadcast_model.ts";

/** A strategy of the broadcast node with settings. */
export interface Variant {
  readonly name: string;
  /** The node's arguments. */
  readonly args: readonly string[];
  readonly colour: string;
  readonly model: MessageModel;
  /** The strategy's interval, as the model needs it; NaN for a strategy without one. */
  readonly intervalSeconds: number;
  /** Whether all settings are the defaults; `--growth` measures only such variants. */
  readonly isDefault: boolean;
}

/** The published figures of another solution: messages per operation, and latencies. */
export interface PublishedResult {
  readonly name: string;
  readonly messages: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** The palette of Okabe and Ito, safe for colour-blind readers. */
const COLOURS = {
  hub: "#0072b2",
  mesh: "#d55e00",
  plumtree: "#009e73",
  tree: "#e69f00",
  batch: "#cc79a7",
  retry: "#56b4e9",
  flood: "#000000",
} as const;

function variant(
  strategy: keyof typeof COLOURS,
  model: MessageModel,
  intervalSeconds = NaN,
  settings: readonly string[] = [],
): Variant {
  return {
    model,
    intervalSeconds,
    name: [strategy, ...settings].join(" "),
    args: ["--strategy", strategy, ...settings],
    colour: COLOURS[strategy],
    isDefault: settings.length === 0,
  };
}

/** All variants; hub at three points of its Pareto frontier of messages and latency. */
export const VARIANTS: readonly Variant[] = [
  variant("hub", hubMessages, 0.38),
  variant("hub", hubMessages, 0.8, ["--interval", "800"]),
  variant("hub", hubMessages, 1.5, ["--interval", "1500"]),
  variant("mesh", meshMessages, 4),
  variant("plumtree", plumtreeMessages, 1),
  variant("tree", treeMessages),
  variant("batch", batchMessages, 0.1),
  variant("retry", retryMessages),
  variant("flood", floodMessages),
];

/** The best figures found in about 130 public solutions and articles. */
export const PUBLISHED_RESULTS: readonly PublishedResult[] = [
  { name: "published, acknowledged", messages: 7.75, medianMs: 333, maxMs: 533 },
  { name: "published, for 3e", messages: 1.92, medianMs: 764, maxMs: 1087 },
  { name: "published, unacknowledged", messages: 11.79, medianMs: 84, maxMs: 105 },
];

/** The limits of challenges 3d and 3e. */
export const CHALLENGE_LIMITS = [
  { id: "3d", messages: 30, medianMs: 400, maxMs: 600 },
  { id: "3e", messages: 20, medianMs: 1000, maxMs: 2000 },
] as const;
