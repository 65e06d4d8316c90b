/**
 * Counts completions by type, as Jepsen's `stats` checker, and requires an ok one of each function.
 *
 * @module
 */

import { compareAscending } from "../base/mod.ts";
import { type History, isClientOperation } from "../history/mod.ts";
import type { Explanation } from "./explanation.ts";
import { mergeValid, type Verdict } from "./verdict.ts";

/** Functions whose operations always complete as `info`. */
const EXEMPT_FUNCTIONS: ReadonlySet<string> = new Set(["crash", "debug-topic-partitions"]);

interface Counts {
  ok: number;
  fail: number;
  info: number;
}

/** The number of completions, in all and by type. */
export interface CompletionCounts extends Verdict {
  /** The number of completed operations. */
  readonly count: number;
  /** Those that succeeded. */
  readonly "ok-count": number;
  /** Those that had no effect. */
  readonly "fail-count": number;
  /** Those whose effect is unknown. */
  readonly "info-count": number;
}

/** The verdict of {@link checkStats}. */
export interface StatsVerdict extends CompletionCounts {
  /** The completions of each function. */
  readonly "by-f": Readonly<Record<string, CompletionCounts>>;
}

/**
 * Counts completions: `count`, `ok-count`, `fail-count`, `info-count`, and the same for each
 * function in `by-f`. Invalid if a function has no ok completion. Kafka's `crash` never has one:
 * this makes its entry in `by-f` invalid, but not the whole verdict.
 */
export function checkStats(history: History): StatsVerdict {
  const byF = new Map<string, Counts>();
  for (const operation of history) {
    if (operation.type === "invoke" || !isClientOperation(operation)) continue;
    let counts = byF.get(operation.f);
    if (counts === undefined) byF.set(operation.f, counts = { ok: 0, fail: 0, info: 0 });
    counts[operation.type]++;
  }
  const sorted = [...byF].sort(([a], [b]) => compareAscending(a, b));
  const required = sorted.filter(([f]) => !EXEMPT_FUNCTIONS.has(f));
  const explanations = required.filter(([, { ok }]) => ok === 0).map(([f, counts]) =>
    explain(f, counts)
  );
  return {
    ...summary(sorted.map(([, counts]) => counts)),
    "valid?": mergeValid(required.map(([, { ok }]) => ok > 0)),
    "by-f": Object.fromEntries(sorted.map(([f, counts]) => [f, summary([counts])])),
    ...(explanations.length === 0 ? {} : { explanations }),
  };
}

function summary(parts: readonly Counts[]): CompletionCounts {
  const total = (of: keyof Counts) => parts.reduce((sum, counts) => sum + counts[of], 0);
  const ok = total("ok");
  const fail = total("fail");
  const info = total("info");
  return {
    "valid?": ok > 0,
    count: ok + fail + info,
    "ok-count": ok,
    "fail-count": fail,
    "info-count": info,
  };
}

function explain(f: string, { fail, info }: Counts): Explanation {
  return {
    type: "never-ok",
    message: `0 of ${fail + info} ${f} operations succeeded: ` +
      `${fail} failed, ${info} indeterminate.`,
    f,
  };
}
