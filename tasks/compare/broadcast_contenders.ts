/**
 * Who takes part in `deno task compare broadcast`, and who came before.
 *
 * @module
 */

import {
  batchMessages,
  type Expectation,
  floodMessages,
  hubMessages,
  meshMessages,
  plumtreeMessages,
  retryMessages,
  treeMessages,
} from "./broadcast_expectation.ts";

/** A strategy of the broadcast node, with settings. */
export interface Contender {
  readonly name: string;
  /** The node's arguments. */
  readonly args: readonly string[];
  readonly colour: string;
  /** What it should cost, and its interval in seconds where that matters. */
  readonly expectation: Expectation;
  readonly interval: number;
  /** Whether it is one strategy at its defaults, and so has a place in the table of growth. */
  readonly isDefault: boolean;
}

/** A design of others: messages an operation, and latencies in milliseconds. */
export interface Published {
  readonly name: string;
  readonly messages: number;
  readonly median: number;
  readonly longest: number;
}

/** Okabe and Ito's colours, which the colour-blind can tell apart. */
const colours = {
  hub: "#0072b2",
  mesh: "#d55e00",
  plumtree: "#009e73",
  tree: "#e69f00",
  batch: "#cc79a7",
  retry: "#56b4e9",
  flood: "#000000",
} as const;

function contender(
  strategy: keyof typeof colours,
  expectation: Expectation,
  interval = NaN,
  setting: readonly string[] = [],
): Contender {
  return {
    expectation,
    interval,
    name: [strategy, ...setting].join(" ").replace("--interval", "every"),
    args: ["--strategy", strategy, ...setting],
    colour: colours[strategy],
    isDefault: setting.length === 0,
  };
}

/** The contenders; hub three times, at points of its frontier. */
export const CONTENDERS: readonly Contender[] = [
  contender("hub", hubMessages, 0.38),
  contender("hub", hubMessages, 0.8, ["--interval", "800"]),
  contender("hub", hubMessages, 1.5, ["--interval", "1500"]),
  contender("mesh", meshMessages, 4),
  contender("plumtree", plumtreeMessages, 1),
  contender("tree", treeMessages),
  contender("batch", batchMessages, 0.1),
  contender("retry", retryMessages),
  contender("flood", floodMessages),
];

/** The best figures that could be found in about 130 public solutions and write-ups. */
export const PUBLISHED: readonly Published[] = [
  { name: "published, acknowledged", messages: 7.75, median: 333, longest: 533 },
  { name: "published, for 3e", messages: 1.92, median: 764, longest: 1087 },
  { name: "published, unacknowledged", messages: 11.79, median: 84, longest: 105 },
];

/** What challenges 3d and 3e ask for. */
export const CHALLENGE_LIMITS = [
  { id: "3d", messages: 30, median: 400, longest: 600 },
  { id: "3e", messages: 20, median: 1000, longest: 2000 },
] as const;
