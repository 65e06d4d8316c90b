/**
 * The features that a node could say it reached, found in its source: `node.log("sometimes: …")`
 * with a plain text. Only so can one that no run reaches be reported as not tested.
 *
 * @module
 */

/** Reads the source at a URL; undefined when there is none. */
export type ReadSource = (url: URL) => string | undefined;

const announced = /(["'`])sometimes: *([^"'`$\n]+)\1/g;
const imported = /(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g;

/** The features named in a module and in all modules that it imports by a relative path, sorted. */
export function announcedFeatures(module: URL, read: ReadSource): string[] {
  const features = new Set<string>();
  const known = new Set([module.href]);
  const left = [module];
  for (let url = left.pop(); url !== undefined; url = left.pop()) {
    const source = read(url) ?? "";
    for (const [, , feature] of source.matchAll(announced)) {
      features.add((feature as string).trim());
    }
    for (const [, path] of source.matchAll(imported)) {
      const target = new URL(path as string, url);
      if (known.has(target.href)) continue;
      known.add(target.href);
      left.push(target);
    }
  }
  return [...features].sort();
}
