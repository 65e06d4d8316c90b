/**
 * What a valid verdict does not say.
 *
 * @module
 */

/**
 * Returns why a valid verdict says less than it seems: operations that did not succeed, and values
 * that were never read.
 */
export function caveats(results: Readonly<Record<string, unknown>>): string[] {
  if (results["valid?"] !== true) return [];
  const { stats, workload } = results;
  const byF = isObject(stats) && isObject(stats["by-f"]) ? Object.entries(stats["by-f"]) : [];
  let failed = 0;
  let all = 0;
  for (const [f, counts] of byF) {
    // A crash is a request to the client to forget its state; it has no other result than info.
    if (f === "crash" || !isObject(counts)) continue;
    all += Number(counts.count);
    failed += Number(counts.count) - Number(counts["ok-count"]);
  }
  const neverRead = isObject(workload) ? Number(workload["never-read-count"] ?? 0) : 0;
  const parts = [
    ...(failed === 0 ? [] : [`${failed} of ${all} operations did not succeed`]),
    ...(neverRead === 0
      ? []
      : [`${neverRead} ${neverRead === 1 ? "value was" : "values were"} never read`]),
  ];
  return parts.length === 0 ? [] : [`Valid, although ${parts.join(" and ")}.`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
