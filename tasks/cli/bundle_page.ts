/**
 * Bundles the programs of report pages on first use, and again after their modules change, so that
 * users need no build step. The bundles are cached in the folder `.cache` beside `deno.lock`.
 *
 * @module
 */

import { unlessMissing } from "./file_problem.ts";

const PROJECT = new URL("../../", import.meta.url);
const CACHE = new URL(".cache/", PROJECT);
/** The folders that bundles import from. */
const SOURCES = ["lib", "nodes", "examples"];
const PAGE_PROGRAM = new URL("lib/page/app/main.ts", PROJECT);

/** The modules that run programs in a page: tests, and the cases of explore. */
const RUNNERS = {
  tests: { file: "run_again.ts", name: "runnerOf" },
  cases: { file: "run_case_again.ts", name: "runnerOfCases" },
} as const;

/** A program that a page can run, and where its module is. */
export interface CarriedProgram {
  readonly bin: string;
  readonly url: string;
}

/** Returns the program of report pages. Throws an error when it cannot be bundled. */
export function bundlePage(): Promise<string> {
  return cached("report_page.js", () => bundle(PAGE_PROGRAM.href));
}

/**
 * Returns a module that runs simulations of programs in a page, as tests or as the cases of explore;
 * see `RunAgain`. Throws an error for
 * a program that cannot run in a browser.
 */
export async function bundleRunner(
  programs: readonly CarriedProgram[],
  runner: keyof typeof RUNNERS = "tests",
): Promise<string> {
  const isOwn = programs.every(({ url }) => url.startsWith(PROJECT.href));
  const hash = await hashOf(
    [runner, ...programs.map(({ bin, url }) => `${bin} ${url}`)].join("\n"),
  );
  const make = async () => {
    const entry = new URL(`runner-${hash}-${Deno.pid}.ts`, CACHE);
    Deno.mkdirSync(CACHE, { recursive: true });
    Deno.writeTextFileSync(entry, runnerSource(programs, RUNNERS[runner]));
    try {
      return forBrowsers(await bundle(entry.href));
    } finally {
      Deno.removeSync(entry);
    }
  };
  return isOwn ? cached(`runner-${hash}.js`, make) : make();
}

function runnerSource(
  programs: readonly CarriedProgram[],
  { file, name }: typeof RUNNERS[keyof typeof RUNNERS],
): string {
  return [
    `import "../lib/page/again/browser_globals.ts";`,
    `import { ${name} } from "../lib/page/again/${file}";`,
    ...programs.map(({ url }, index) => `import program${index} from ${JSON.stringify(url)};`),
    `export const runAgain = ${name}({`,
    ...programs.map(({ bin }, index) => `  ${JSON.stringify(bin)}: program${index},`),
    `});`,
    ``,
  ].join("\n");
}

/**
 * Replaces what a module in a page does not have: Node.js's own modules, which a simulation uses only
 * for programs that it loads from files, and an address that others can be relative to.
 */
function forBrowsers(code: string): string {
  const NAMED = /import\s*\{([^}]*)\}\s*from\s*"node:[\w/]+";?/g;
  const DEFAULT = /import\s*([\w$]+)\s*from\s*"node:[\w/]+";?/g;
  return code
    .replaceAll(NAMED, (_, names: string) => `const{${names.replaceAll(" as ", ":")}}={};`)
    .replaceAll(DEFAULT, (_, name: string) => `const ${name}={};`)
    .replaceAll("import.meta.url", '"file:///page/runner.js"');
}

/** Returns what `make` returns, from the cache unless a module is newer. */
async function cached(name: string, make: () => Promise<string>): Promise<string> {
  const file = new URL(name, CACHE);
  const newest = Math.max(
    modifiedAt(new URL(import.meta.url)),
    ...SOURCES.map((folder) => newestIn(new URL(folder, PROJECT))),
  );
  if (modifiedAt(file) > newest) return Deno.readTextFileSync(file);
  const code = await make();
  try {
    Deno.mkdirSync(CACHE, { recursive: true });
    // Renamed into place, since other runs may read it at the same time.
    const fresh = new URL(`${file.href}.${Deno.pid}`);
    Deno.writeTextFileSync(fresh, code);
    Deno.renameSync(fresh, file);
  } catch {
    // Without a place for the cache, the next run bundles again.
  }
  return code;
}

/** Returns when the newest file below a folder was changed. */
function newestIn(folder: URL): number {
  let newest = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = new URL(`${folder.href}/${name}`);
    newest = Math.max(newest, isDirectory ? newestIn(path) : modifiedAt(path));
  }
  return newest;
}

/** Returns when a file was changed; 0 for one that is not there. */
function modifiedAt(file: URL): number {
  return unlessMissing(() => Deno.statSync(file).mtime?.getTime() ?? 0) ?? 0;
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

async function bundle(url: string): Promise<string> {
  if (Deno.bundle === undefined) {
    throw new Error("the page needs `deno run --unstable-bundle`, as deno.json says");
  }
  const { success, errors, outputFiles } = await Deno.bundle({
    entrypoints: [url],
    platform: "browser",
    minify: true,
    write: false,
  });
  const [file] = outputFiles ?? [];
  if (success && file !== undefined) return file.text();
  throw new Error(`cannot bundle ${url}: ${errors.map(({ text }) => text).join("; ")}`);
}
