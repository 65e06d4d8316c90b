/**
 * Coverage points in a node's source text: calls with a literal text, such as
 * `node.sometimes("a retry fired")`. An exploration can thus report points that no run reached.
 *
 * @module
 */

/** Returns the source text at a URL; undefined when the file does not exist. */
export type ReadSource = (url: URL) => string | undefined;

const ANNOUNCEMENT = /\bsometimes\(\s*(["'`])([^"'`$\n]+)\1/g;
const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g;

/** Returns the sorted coverage points of a module and of all modules that it imports by path. */
export function announcedCoveragePoints(module: URL, read: ReadSource): string[] {
  const points = new Set<string>();
  const visited = new Set([module.href]);
  const pending = [module];
  for (let url = pending.pop(); url !== undefined; url = pending.pop()) {
    const source = read(url) ?? "";
    for (const [, , point] of source.matchAll(ANNOUNCEMENT)) {
      points.add((point as string).trim());
    }
    for (const [, path] of source.matchAll(RELATIVE_IMPORT)) {
      const target = new URL(path as string, url);
      if (visited.has(target.href)) continue;
      visited.add(target.href);
      pending.push(target);
    }
  }
  return [...points].sort();
}
