/**
 * Collects the reasons for a verdict that is not valid: the sentences in its explanations,
 * anomalies and exceptions.
 *
 * @module
 */

import { isOperation } from "../history/mod.ts";

/** A sentence (or several lines), and its subject: an anomaly, a key or an exception, if any. */
export interface Reason {
  readonly subject: string;
  readonly text: string;
  /** The type of an explanation. */
  readonly type?: unknown;
}

type Members = readonly (readonly [name: string, member: unknown])[];

/** By the name of a verdict's member that contains reasons: a function that extracts them. */
const REASON_EXTRACTORS: Readonly<Record<string, (member: unknown) => Reason[]>> = {
  explanations: (list) => reasonsIn(list, ""),
  error: (error) =>
    typeof error === "string" ? [{ subject: "", text: error }] : reasonsIn(error, ""),
  anomalies: (byType) => membersOf(byType).flatMap(([type, cases]) => reasonsIn(cases, type)),
  results: (byKey) => membersOf(byKey).flatMap(([key, part]) => reasonsIn(part, `key ${key}`)),
  message: (text) => typeof text === "string" ? [{ subject: "", text }] : [],
  exceptions: (list) => membersOf(list).flatMap(([, item]) => reasonsIn(item, nameOf(item))),
};

/**
 * Members of a verdict on linearizability that its message explains: operations and the states of
 * the search, which only a program can use.
 */
const SEARCH_MEMBERS: ReadonlySet<string> = new Set([
  "op",
  "previous-ok",
  "last-op",
  "configs",
  "final-paths",
  "linearization",
  "cause",
  "visited",
]);

/** Whether a member of a verdict contains reasons, or what a reason explains, instead of figures. */
export function holdsReasons(name: string, member: unknown): boolean {
  return name in REASON_EXTRACTORS || SEARCH_MEMBERS.has(name) || casesOf(member) !== undefined;
}

/**
 * Returns a verdict's reasons: the first of each subject and type, then the second of each, and so
 * on. Among these, the shortest come first: a read that no write explains before a long cycle.
 */
export function reasonsOf(verdict: object): Reason[] {
  const all = Object.entries(verdict).flatMap(([name, member]) => {
    return REASON_EXTRACTORS[name]?.(member) ?? reasonsIn(casesOf(member), name);
  });
  const counts = new Map<string, number>();
  const ranked = all.map((reason) => {
    const kind = `${reason.subject} ${reason.type ?? ""}`;
    const rank = counts.get(kind) ?? 0;
    counts.set(kind, rank + 1);
    return { reason, rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank || lines(a.reason) - lines(b.reason)).map((
    { reason },
  ) => reason);
}

function lines({ text }: Reason): number {
  return text.split("\n").length;
}

/** Returns the cases in a member of kafka's verdict; the member itself if it has one sentence. */
function casesOf(member: unknown): unknown {
  if (typeof member !== "object" || member === null) return undefined;
  return "errs" in member ? member.errs : "message" in member ? member : undefined;
}

function reasonsIn(value: unknown, subject: string): Reason[] {
  if (typeof value !== "object" || value === null) return [];
  if (isOperation(value)) return reasonsIn(value.exception, subject);
  if ("message" in value && typeof value.message === "string") {
    return [{ subject, text: value.message, ...("type" in value ? { type: value.type } : {}) }];
  }
  return membersOf(value).flatMap(([, member]) => reasonsIn(member, subject));
}

function membersOf(value: unknown): Members {
  if (typeof value !== "object" || value === null) return [];
  return value instanceof Map
    ? [...value].map(([key, member]) => [String(key), member] as const)
    : Object.entries(value);
}

/** Describes an exception: `4 × MalformedReplyError`. */
function nameOf(item: unknown): string {
  const { count, class: kind } = item as { readonly count?: unknown; readonly class?: unknown };
  return `${count} × ${kind}`;
}
