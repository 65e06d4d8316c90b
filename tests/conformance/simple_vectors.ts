/**
 * Reads runs recorded from the real Maelstrom, in `vectors/`, and checks them with our checkers.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { checkKafka } from "../../lib/check/kafka/mod.ts";
import { checkLinearizableRegisters } from "../../lib/check/linearizable/mod.ts";
import {
  checkAll,
  checkAvailability,
  checkCounter,
  checkEcho,
  type Checker,
  checkExceptions,
  checkSetFull,
  checkStats,
  checkUniqueIds,
  plainResults,
} from "../../lib/check/mod.ts";
import { decodeHistoryEdn, type History, parseEdn } from "../../lib/history/mod.ts";

/** Results as plain values, by the checker's name. */
export type Results = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A recorded run. */
export interface Vector {
  readonly name: string;
  /** The planted fault, described in words. */
  readonly fault: string;
  /** Maelstrom's exit code. */
  readonly exit: number;
  readonly workload: string;
  readonly flags: Readonly<Record<string, unknown>>;
  /** The history as Maelstrom wrote it. */
  readonly historyText: string;
  readonly history: History;
  /** Maelstrom's results; undefined if it ended with an error. */
  readonly results: Results | undefined;
}

const directory = new URL("./vectors/", import.meta.url);

const workloadCheckers: Readonly<Record<string, Checker>> = {
  echo: checkEcho,
  "unique-ids": checkUniqueIds,
  broadcast: (history) => checkSetFull(history, { addition: "broadcast" }),
  "g-set": (history) => checkSetFull(history),
  "g-counter": checkCounter,
  "pn-counter": checkCounter,
  kafka: (history) => checkKafka(history),
  "lin-kv": (history) => checkLinearizableRegisters(history),
};

/** Returns the names of the recorded runs that match a pattern, sorted. */
export function vectorNames(pattern: RegExp): string[] {
  return [...Deno.readDirSync(directory)]
    .filter(({ name, isDirectory }) => isDirectory && pattern.test(name))
    .map(({ name }) => name)
    .sort();
}

/** Reads the recorded runs of the workloads with a simple checker: one without its own folder. */
export function simpleVectors(): Vector[] {
  return vectorNames(/^(echo|unique-ids|broadcast|g-set|g-counter|pn-counter)-/).map(readVector);
}

/** Reads a file of small histories and the verdicts of the original checker. */
export function smallVectors(file: string): { id: string; history: string[]; verdict: unknown }[] {
  const text = Deno.readTextFileSync(new URL(`small/${file}`, directory));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** Checks a recorded run. Returns our results as plain values. */
export function judge({ workload, flags, history }: Vector): Results {
  const goal = flags["availability"];
  const checker = workloadCheckers[workload] as Checker;
  const verdict = checkAll(history, {
    exceptions: checkExceptions,
    stats: checkStats,
    availability: (history) =>
      checkAvailability(history, goal === "total" || goal === undefined ? goal : Number(goal)),
    workload: checker,
  });
  return plainResults(verdict) as Results;
}

/** Asserts that our results equal the recorded ones, except those of the workload's checker. */
export function assertSameBesideWorkload(ours: Results, recorded: Results): void {
  assertEquals(ours["valid?"], recorded["valid?"]);
  for (const part of ["exceptions", "stats", "availability"]) {
    for (const [key, value] of Object.entries(recorded[part] ?? {})) {
      assertEquals(ours[part]?.[key], value, `${part} ${key}`);
    }
  }
}

/** Reads a recorded run. */
export function readVector(name: string): Vector {
  const folder = new URL(`${name}/`, directory);
  const options = JSON.parse(Deno.readTextFileSync(new URL("options.json", folder)));
  const historyText = Deno.readTextFileSync(new URL("history.edn", folder));
  return {
    ...options,
    name,
    historyText,
    history: decodeHistoryEdn(historyText, `${name}/history.edn`),
    results: readResults(new URL("results.edn", folder)),
  };
}

function readResults(file: URL): Results | undefined {
  try {
    return parseEdn(Deno.readTextFileSync(file)) as Results;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
