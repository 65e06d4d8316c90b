/**
 * The sentences in a verdict that say why it is not good, wherever its checker keeps them.
 *
 * @module
 */

import { isOperation } from "../history/mod.ts";

/** A sentence (or a few lines), and the anomaly, key or exception that it is about, if any. */
export interface Reason {
  readonly subject: string;
  readonly text: string;
}

type Members = readonly (readonly [name: string, member: unknown])[];

/** Members of a verdict that hold sentences rather than figures, and how those are found. */
const holders: Readonly<Record<string, (member: unknown) => Reason[]>> = {
  explanations: (list) => reasonsIn(list, ""),
  error: (error) =>
    typeof error === "string" ? [{ subject: "", text: error }] : reasonsIn(error, ""),
  anomalies: (byType) => membersOf(byType).flatMap(([type, cases]) => reasonsIn(cases, type)),
  results: (byKey) => membersOf(byKey).flatMap(([key, part]) => reasonsIn(part, `key ${key}`)),
  exceptions: (list) => membersOf(list).flatMap(([, item]) => reasonsIn(item, nameOf(item))),
};

/** Whether a member of a verdict holds sentences rather than figures. */
export function holdsReasons(name: string, member: unknown): boolean {
  return name in holders || casesOf(member) !== undefined;
}

/** All reasons in a verdict: the first about each thing, then the second about each, and so on. */
export function reasonsOf(verdict: object): Reason[] {
  const all = Object.entries(verdict).flatMap(([name, member]) => {
    return holders[name]?.(member) ?? reasonsIn(casesOf(member), name);
  });
  const places = new Map<string, number>();
  const placed = all.map((reason) => {
    const place = places.get(reason.subject) ?? 0;
    places.set(reason.subject, place + 1);
    return { reason, place };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ reason }) => reason);
}

/** What kafka's verdict has by the type of error: cases, or one sentence on all of them. */
function casesOf(member: unknown): unknown {
  if (typeof member !== "object" || member === null) return undefined;
  return "errs" in member ? member.errs : "message" in member ? member : undefined;
}

function reasonsIn(value: unknown, about: string): Reason[] {
  if (typeof value !== "object" || value === null) return [];
  if (isOperation(value)) return reasonsIn(value.exception, about);
  if ("message" in value && typeof value.message === "string") {
    return [{ subject: about, text: value.message }];
  }
  return membersOf(value).flatMap(([, member]) => reasonsIn(member, about));
}

function membersOf(value: unknown): Members {
  if (typeof value !== "object" || value === null) return [];
  return value instanceof Map
    ? [...value].map(([key, member]) => [String(key), member] as const)
    : Object.entries(value);
}

/** What the summary calls an exception: `4 × MalformedReplyError`. */
function nameOf(item: unknown): string {
  const { count, class: kind } = item as { readonly count?: unknown; readonly class?: unknown };
  return `${count} × ${kind}`;
}
