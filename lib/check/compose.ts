/**
 * Runs several checkers on one history and merges their verdicts, as Jepsen's `checker/compose`.
 *
 * A checker that throws has shown the history neither valid nor invalid, so its verdict is
 * `unknown`, with the error. The other checkers' verdicts are kept.
 *
 * @module
 */

import { exceptionRecord, type History } from "../history/mod.ts";
import { mergeValid, type Valid, type Verdict } from "./verdict.ts";

/** A function that checks a history. Pure: the same history gives the same verdict. */
export type Checker = (history: History) => Verdict;

/**
 * Runs every checker and returns one verdict: each checker's verdict under its name, and the merged
 * `valid?`. `maelstrom-valid?` is added if Maelstrom's merged verdict would differ.
 */
export function checkAll(history: History, checkers: Readonly<Record<string, Checker>>): Verdict {
  return mergeVerdicts(
    Object.fromEntries(
      Object.entries(checkers).map(([name, checker]) => [name, checkSafely(history, checker)]),
    ),
  );
}

/** Returns the checker's verdict, or `unknown` with the `error` that the checker threw. */
export function checkSafely(history: History, checker: Checker): Verdict {
  try {
    return checker(history);
  } catch (error) {
    return { "valid?": "unknown", error: exceptionRecord(error) };
  }
}

/** Merges verdicts into one that holds each under its name. */
export function mergeVerdicts(verdicts: Readonly<Record<string, Verdict>>): Verdict {
  const parts = Object.values(verdicts);
  const valid = mergeValid(parts.map((verdict) => verdict["valid?"]));
  const maelstrom = mergeValid(parts.map(maelstromValid));
  return {
    ...verdicts,
    ...(maelstrom === valid ? {} : { "maelstrom-valid?": maelstrom }),
    "valid?": valid,
  };
}

/** Maelstrom's verdict: the recorded `maelstrom-valid?`, or `valid?` where the two agree. */
export function maelstromValid(verdict: Verdict): Valid {
  const recorded = verdict["maelstrom-valid?"];
  return recorded === true || recorded === false || recorded === "unknown"
    ? recorded
    : verdict["valid?"];
}
