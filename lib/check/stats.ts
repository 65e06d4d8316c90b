/**
 * Counts how operations ended, and holds it against a test that some kind of operation never worked.
 *
 * @module
 */

import { type History, isClientOperation } from "../history/mod.ts";
import type { Explanation } from "./explanation.ts";
import { mergeValid, type Verdict } from "./verdict.ts";

/** Kinds of operations that are meant to end `info`. */
const EXEMPT_FUNCTIONS: ReadonlySet<string> = new Set(["crash", "debug-topic-partitions"]);

interface Counts {
  ok: number;
  fail: number;
  info: number;
}

/**
 * Counts completions: `count`, `ok-count`, `fail-count`, `info-count`, and the same `by-f`. Invalid
 * when a kind of operation has no ok at all; kafka's `crash` never has, which makes the entry under
 * `by-f` invalid but not the whole.
 */
export function checkStats(history: History): Verdict {
  const byF = new Map<string, Counts>();
  for (const operation of history) {
    if (operation.type === "invoke" || !isClientOperation(operation)) continue;
    let counts = byF.get(operation.f);
    if (counts === undefined) byF.set(operation.f, counts = { ok: 0, fail: 0, info: 0 });
    counts[operation.type]++;
  }
  const sorted = [...byF].sort(([a], [b]) => a < b ? -1 : 1);
  const judged = sorted.filter(([f]) => !EXEMPT_FUNCTIONS.has(f));
  const explanations = judged.filter(([, { ok }]) => ok === 0).map(([f, counts]) =>
    explain(f, counts)
  );
  return {
    ...summary(sorted.map(([, counts]) => counts)),
    "valid?": mergeValid(judged.map(([, { ok }]) => ok > 0)),
    "by-f": Object.fromEntries(sorted.map(([f, counts]) => [f, summary([counts])])),
    ...(explanations.length === 0 ? {} : { explanations }),
  };
}

function summary(parts: readonly Counts[]): Verdict {
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
    message: `No ${f} ever succeeded: ${fail} failed, ${info} ended in the unknown.`,
    f,
  };
}
