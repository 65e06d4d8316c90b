/**
 * Checks an eventually consistent counter: every final read returns the sum of all acknowledged
 * additions, plus the sum of any subset of the indeterminate ones.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";
import { type History, type Operation, pairOperations } from "../history/mod.ts";
import {
  capitalise,
  describeOperation,
  describeValue,
  type Explanation,
  MAX_EXPLANATIONS_PER_TYPE,
} from "./explanation.ts";
import { malformedReplyOf } from "./malformed_replies.ts";
import { boundsOf, contains, type Interval, subsetSums, withDelta } from "./intervals.ts";
import type { Verdict } from "./verdict.ts";

/** The verdict of {@link checkCounter}. */
export interface CounterVerdict extends Verdict {
  /** The acceptable values of a final read, as ranges [lower, upper]. */
  readonly acceptable: readonly Interval[];
  /** The values of the final reads, in the order of their completion. */
  readonly "final-reads": readonly unknown[];
  /** The final reads of unacceptable values; null without one. */
  readonly errors: readonly Operation[] | null;
}

/**
 * Checks a g-counter or pn-counter: `add` operations with integers, and ok reads marked final.
 * Reports the `acceptable` values as ranges [lower, upper], the `final-reads`, and in `errors` the
 * final reads outside these ranges (null if there are none).
 *
 * A reply with a non-integer value completes a read as `info`, and Maelstrom ignores it. Here it
 * makes the history invalid: `non-integer-reads` lists it. So does a read that is not final, and
 * which Maelstrom therefore ignores, if no subset of the additions so far sums up to its value:
 * `impossible-reads` lists it. `maelstrom-valid?` holds Maelstrom's verdict.
 */
export function checkCounter(history: History): CounterVerdict {
  const acceptable = acceptableSums(history);
  const reads = history.filter(({ f, type, final }) => f === "read" && type === "ok" && final);
  const errors = reads.filter(({ value }) => !isAcceptable(acceptable, value));
  const nonIntegers = history.filter(({ f }) => f === "read").flatMap(nonIntegerRead);
  const maelstrom = reads.some(({ value }) => !isInteger(value)) ? "unknown" : errors.length === 0;
  const impossible = impossibleReads(history);
  const valid = errors.length === 0 && nonIntegers.length === 0 && impossible.length === 0;
  const explanations = [
    ...errors.slice(0, MAX_EXPLANATIONS_PER_TYPE).map((read) => explainError(read, acceptable)),
    ...nonIntegers.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainNonInteger),
    ...impossible.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(explainImpossible),
  ];
  return {
    "valid?": valid,
    ...(maelstrom === valid ? {} : { "maelstrom-valid?": maelstrom }),
    errors: errors.length === 0 ? null : errors,
    "final-reads": reads.map(({ value }) => value),
    acceptable,
    ...(nonIntegers.length === 0 ? {} : {
      "non-integer-reads": nonIntegers.map(({ operation, reply }) => ({ reply, operation })),
    }),
    ...(impossible.length === 0
      ? {}
      : { "impossible-reads": impossible.map(({ operation }) => operation) }),
    ...(explanations.length === 0 ? {} : { explanations }),
  };
}

function acceptableSums(history: History): Interval[] {
  let certain = 0;
  const possible: number[] = [];
  for (const { invocation, completion } of pairOperations(history)) {
    if (invocation.f !== "add") continue;
    const delta = Number(invocation.value);
    if (completion?.type === "ok") certain += delta;
    else if (completion?.type !== "fail") possible.push(delta);
  }
  return subsetSums(certain, possible);
}

function isAcceptable(acceptable: readonly Interval[], value: unknown): boolean {
  return typeof value === "number" && contains(acceptable, value);
}

function isInteger(value: unknown): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

interface NonIntegerRead {
  readonly operation: Operation;
  readonly reply: unknown;
}

/** Returns the read if its reply was not an integer, else an empty list. */
function nonIntegerRead(operation: Operation): NonIntegerRead[] {
  const { type, value } = operation;
  if (type === "ok") return isInteger(value) ? [] : [{ operation, reply: value }];
  const body = malformedReplyOf(operation)[0]?.reply;
  if (!isJsonObject(body) || body["type"] !== "read_ok" || isInteger(body["value"])) return [];
  return [{ operation, reply: body["value"] }];
}

/** A read whose value no subset of the additions so far sums up to. */
interface ImpossibleRead {
  readonly operation: Operation;
  /** The lowest and the highest sum of the additions that had been invoked. */
  readonly bounds: Interval;
}

/** Finds the reads, other than final ones, whose value no subset of the additions so far yields. */
function impossibleReads(history: History): ImpossibleRead[] {
  const found: ImpossibleRead[] = [];
  let sums: Interval[] = [[0, 0]];
  for (const operation of history) {
    const { type, f, value } = operation;
    if (type === "invoke" && f === "add") sums = withDelta(sums, Number(value));
    if (type !== "ok" || f !== "read" || operation.final || !isInteger(value)) continue;
    if (!contains(sums, value as number)) found.push({ operation, bounds: boundsOf(sums) });
  }
  return found;
}

function explainImpossible({ operation, bounds: [min, max] }: ImpossibleRead): Explanation {
  const value = operation.value as number;
  return {
    type: "impossible-read",
    message: capitalise(
      `${describeOperation(operation)} returned ${describeValue(value)}, but ` +
        (value < min || value > max
          ? `the additions invoked before sum up to at least ${min} and at most ${max}.`
          : "no set of the additions invoked before sums up to that."),
    ),
    read: operation.index,
  };
}

function explainError(read: Operation, acceptable: readonly Interval[]): Explanation {
  const ranges = acceptable.map(([lower, upper]) => lower === upper ? lower : `${lower}..${upper}`);
  return {
    type: "unacceptable-read",
    message: `The final ${describeOperation(read)} returned ${describeValue(read.value)}; ` +
      `acceptable sums of the additions are ${describeRanges(ranges)}.`,
    read,
  };
}

function describeRanges(ranges: readonly (number | string)[]): string {
  const shown = ranges.slice(0, MAX_EXPLANATIONS_PER_TYPE).join(" or ");
  return ranges.length > MAX_EXPLANATIONS_PER_TYPE ? `${shown} or …` : shown;
}

function explainNonInteger({ operation, reply }: NonIntegerRead): Explanation {
  return {
    type: "non-integer-read",
    message: capitalise(
      `${describeOperation(operation)} received ` +
        `${reply === undefined ? "no value" : describeValue(reply)}; expected an integer.`,
    ),
    read: operation.index,
  };
}
