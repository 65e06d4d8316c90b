/**
 * The scoreboard: recorded figures of every challenge, and the table in the README that is made of
 * them.
 *
 * @module
 */

import { CHALLENGES } from "./challenges.ts";
import { withSection } from "./readme_section.ts";

/** What one run of a challenge showed. */
export interface Score {
  readonly id: string;
  readonly valid: boolean;
  readonly engine: string;
  readonly operations: number;
  /** Messages between servers per operation. */
  readonly serverMessages: number;
  /** Bytes between servers per operation, as they stand on the wire. */
  readonly serverBytes?: number;
  readonly okFraction: number;
  /** Milliseconds until a value is seen everywhere, where the workload measures it. */
  readonly medianLatency?: number;
  readonly maximumLatency?: number;
}

/** The best published result of a challenge that could be found, in words. */
const published: Readonly<Record<string, string>> = {
  "2": "0; 850 to 4,000 ids a second",
  "3c": "valid; agrees about 1.5 s after the partition heals",
  "3d": "7.75 at 333 / 533 ms",
  "3e": "1.92 at 764 / 1,087 ms",
  "4": "0.45",
  "5b": "0.55",
  "5c": "0.55",
  "6a": "",
  "6b": "0.024, unacknowledged, whole state",
  "6c": "0.024, unacknowledged, whole state",
  "txn-list-append": "8.51",
};

/** The table, in Markdown. */
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
    published[id] ?? "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** The README with the table in its place. Throws an Error when the place is not marked. */
export function withScoreboard(readme: string, scores: readonly Score[]): string {
  return withSection(readme, "scoreboard", scoreboardTable(scores));
}
