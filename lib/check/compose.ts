/**
 * Runs several checkers on one history and joins what they say.
 *
 * A checker that fails has not shown that the history is valid, nor that it is not: its verdict is
 * `unknown`, with the error, and the others' verdicts stand.
 *
 * @module
 */

import { exceptionRecord, type History } from "../history/mod.ts";
import { mergeValid, type Valid, type Verdict } from "./verdict.ts";

/** Judges a history. Pure: the same history gives the same verdict. */
export type Checker = (history: History) => Verdict;

/**
 * One verdict with those of the checkers by name, and the `valid?` of all together. If any would be
 * judged otherwise by Maelstrom, so may the whole: it then has a `maelstrom-valid?` too.
 */
export function checkAll(history: History, checkers: Readonly<Record<string, Checker>>): Verdict {
  return mergeVerdicts(
    Object.fromEntries(
      Object.entries(checkers).map(([name, checker]) => [name, checkSafely(history, checker)]),
    ),
  );
}

/** The checker's verdict; `unknown` with its `error` when it throws. */
export function checkSafely(history: History, checker: Checker): Verdict {
  try {
    return checker(history);
  } catch (error) {
    return { "valid?": "unknown", error: exceptionRecord(error) };
  }
}

/** Several verdicts by name as one. */
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

/** What Maelstrom says where our verdict notes that it says otherwise, else our own. */
export function maelstromValid(verdict: Verdict): Valid {
  const noted = verdict["maelstrom-valid?"];
  return noted === true || noted === false || noted === "unknown" ? noted : verdict["valid?"];
}
