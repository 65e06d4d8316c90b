/**
 * The scoreboard: the recorded results of every challenge, and the table of them in docs/benchmarks.md.
 *
 * @module
 */

import { CHALLENGES } from "./challenges.ts";
import { replaceSection } from "./document_section.ts";

/** The results of one run of a challenge, as in `tasks/scoreboard.json`. */
export interface Score {
  readonly id: string;
  readonly valid: boolean;
  readonly engine: string;
  readonly operations: number;
  /** Messages between servers per operation. */
  readonly serverMessages: number;
  /** Bytes between servers per operation, as sent on the wire. */
  readonly serverBytes?: number;
  readonly okFraction: number;
  /** Stable latency in milliseconds, if the workload measures it. */
  readonly medianLatency?: number;
  readonly maximumLatency?: number;
}

/** The best published result found for each challenge. */
const PUBLISHED: Readonly<Record<string, string>> = {
  "2": "0; 850 to 4,000 ids per second",
  "3c": "valid; converges about 1.5 s after the partition heals",
  "3d": "7.75 at 333 / 533 ms",
  "3e": "1.92 at 764 / 1,087 ms",
  "4": "0.45",
  "5b": "0.55",
  "5c": "0.55",
  "6a": "",
  "6b": "0.024, full-state gossip without acknowledgements",
  "6c": "0.024, full-state gossip without acknowledgements",
  "txn-list-append": "8.51",
};

/** Returns the table in Markdown. */
export function scoreboardTable(scores: readonly Score[]): string {
  const rows = CHALLENGES.flatMap(({ id, title }) => {
    const score = scores.find((candidate) => candidate.id === id);
    return score === undefined ? [] : [row(title, score)];
  });
  return [
    "| Challenge | Verdict | Server messages per operation | Bytes per operation " +
    "| Latency, median / maximum | Succeeded | Best published (server messages) |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function row(title: string, score: Score): string {
  const { id, valid, serverMessages, serverBytes, medianLatency, maximumLatency, okFraction } =
    score;
  const latency = medianLatency === undefined ? "" : `${medianLatency} / ${maximumLatency} ms`;
  const name = /^[0-9]/.test(id) ? `${id} ${title}` : `${id}: ${title}`;
  const cells = [
    name,
    valid ? "valid" : "**invalid**",
    number(serverMessages),
    serverBytes === undefined ? "" : String(Math.round(serverBytes)),
    latency,
    `${number(okFraction * 100)} %`,
    PUBLISHED[id] ?? "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/**
 * Returns a document with the table in its section. Throws an Error when the section is missing.
 */
export function withScoreboard(document: string, scores: readonly Score[]): string {
  return replaceSection(document, "scoreboard", scoreboardTable(scores));
}
