/**
 * The revision of the code that decides what a seed does: results of different revisions must not be
 * added up.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, relative, resolve } from "node:path";
import { unlessMissing } from "../cli/file_problem.ts";
import { PROJECT } from "../cli/users_folder.ts";

/** Identifies code and runtime. */
export interface Revision {
  /** The commit of the repository in which the node is; `unknown` outside of a repository. */
  readonly commit: string;
  /** A digest of the library, the node, and all modules that it imports by path. */
  readonly code: string;
  /** The version of Deno. */
  readonly deno: string;
}

const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g;
const DIGEST_CHARACTERS = 16;

/** Returns the revision of a node and, if it has one, of its workload's module; both are paths. */
export function readRevision(modules: readonly string[]): Revision {
  const [main = PROJECT] = modules;
  return {
    commit: readCommit(dirname(resolve(main))) ?? "unknown",
    code: digestOf(modules),
    deno: Deno.version.deno,
  };
}

/** Returns the digest of the library's sources, of `deno.json` and of modules with their imports. */
function digestOf(modules: readonly string[]): string {
  const hash = createHash("sha256");
  const add = (name: string, path: string) => {
    // A checkout on Windows has other separators, and may have other line ends.
    hash.update(
      `${name.replaceAll("\\", "/")}\n${Deno.readTextFileSync(path).replaceAll("\r\n", "\n")}\n`,
    );
  };
  const library = [...sourcesIn(`${PROJECT}/lib`)];
  for (const path of library.toSorted()) add(relative(PROJECT, path), path);
  add("deno.json", `${PROJECT}/deno.json`);
  const known = new Set(library);
  for (const main of modules) {
    const folder = dirname(Deno.realPathSync(main));
    for (const path of withImports(Deno.realPathSync(main), known)) {
      add(relative(folder, path), path);
    }
  }
  return hash.digest("hex").slice(0, DIGEST_CHARACTERS);
}

function* sourcesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sourcesIn(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

/** Yields a module and the modules that it imports by path, without those in `known`, to which it adds. */
function* withImports(main: string, known: Set<string>): Generator<string> {
  const pending = [main];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (known.has(path) || !isFile(path)) continue;
    known.add(path);
    yield path;
    // A program that is not TypeScript has no imports that matter here.
    if (!/\.[mc]?[jt]s$/.test(path)) continue;
    for (const [, target = ""] of Deno.readTextFileSync(path).matchAll(RELATIVE_IMPORT)) {
      pending.push(resolve(dirname(path), target));
    }
  }
}

function isFile(path: string): boolean {
  return unlessMissing(() => Deno.statSync(path).isFile) ?? false;
}

/** Returns the commit of the repository that a folder is in; undefined outside of one. */
export function readCommit(folder: string): string | undefined {
  const git = findUpwards(folder, ".git");
  if (git === undefined) return undefined;
  // The `.git` of a worktree is a file that names its folder.
  const link = Deno.statSync(git).isFile ? Deno.readTextFileSync(git) : "";
  const own = link === "" ? git : resolve(dirname(git), link.replace(/^gitdir: /, "").trim());
  const common = resolve(own, readIfThere(`${own}/commondir`)?.trim() ?? ".");
  const head = readIfThere(`${own}/HEAD`)?.trim() ?? "";
  const name = /^ref: (.+)$/.exec(head)?.[1];
  if (name === undefined) return head === "" ? undefined : head;
  const loose = readIfThere(`${own}/${name}`) ?? readIfThere(`${common}/${name}`);
  if (loose !== undefined) return loose.trim();
  const packed = readIfThere(`${common}/packed-refs`)?.split("\n") ?? [];
  return packed.find((line) => line.endsWith(` ${name}`))?.split(" ")[0];
}

function findUpwards(folder: string, name: string): string | undefined {
  for (let at = folder;; at = dirname(at)) {
    const path = `${at}/${name}`;
    if (unlessMissing(() => Deno.statSync(path)) !== undefined) return path;
    if (dirname(at) === at) return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  return unlessMissing(() => Deno.readTextFileSync(path));
}
