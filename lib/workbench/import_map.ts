/**
 * Resolves the imports of a module in a user's folder by the import map of that folder. The process
 * runs with the configuration of the workbench, whose import map does not have the user's names.
 *
 * A folder's import map is in the nearest `deno.json` or `deno.jsonc` at or above the module: its
 * `imports` and `scopes`, or the file that `importMap` names. A package gives its subpaths a name,
 * too, as in Deno: with `"x": "npm:x@1"`, `x/y` is `npm:x@1/y`.
 *
 * @module
 */

import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { isJsonObject } from "../base/mod.ts";
import { parseJsonc } from "../std/jsonc.ts";

// A simulation replaces `Deno` while it imports modules.
const { readTextFileSync, errors: { NotFound } } = Deno;

/** Names and their targets, as an import map has them. */
type Names = Readonly<Record<string, unknown>>;

/** The import map of a folder. */
interface ImportMap {
  /** The URL of the file that holds it; targets are relative to it. */
  readonly url: string;
  readonly imports: Names;
  /** Names that count in modules below a URL only. */
  readonly scopes: Names;
}

const CONFIG_FILES = ["deno.json", "deno.jsonc"];
/** A package, whose subpaths have a name, too. */
const PACKAGE = /^(?:npm|jsr):/;

/**
 * Returns the URL of an import: of a path, of a built-in module, or of a name in the import map of
 * the module's folder. A name that this map does not have is looked up in the workbench's own.
 *
 * @throws {SyntaxError} The import map is not valid JSON.
 * @throws {TypeError} No import map has the name.
 */
export function resolveImport(specifier: string, parent: string): string {
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, parent).href;
  if (isBuiltin(specifier)) return `node:${specifier.replace(/^node:/, "")}`;
  const map = parent.startsWith("file:") ? importMapOf(parent) : undefined;
  const target = map === undefined ? undefined : lookUp(map, specifier, parent);
  // Resolves a package that is installed to its file.
  try {
    return import.meta.resolve(target ?? specifier);
  } catch {
    // The error of `resolve` would name this file as the importing one.
    throw new TypeError(
      `"${specifier}" is not in the import map (the "imports" of deno.json) of ${parent}`,
    );
  }
}

function lookUp(map: ImportMap, specifier: string, parent: string): string | undefined {
  const scopes = Object.entries(map.scopes)
    .map(([prefix, names]) => ({ prefix: new URL(prefix, map.url).href, names }))
    .filter(({ prefix }) => parent.startsWith(prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  for (const names of [...scopes.map(({ names }) => names), map.imports]) {
    const target = isJsonObject(names) ? lookUpName(names, specifier) : undefined;
    if (target !== undefined) return new URL(target, map.url).href;
  }
  return undefined;
}

/** Returns the target of the longest name that matches. */
function lookUpName(names: Names, specifier: string): string | undefined {
  const exact = names[specifier];
  if (typeof exact === "string") return exact;
  const matching = Object.entries(names).flatMap(([name, target]) => {
    if (typeof target !== "string") return [];
    const prefix = name.endsWith("/") ? name : PACKAGE.test(target) ? `${name}/` : undefined;
    if (prefix === undefined || !specifier.startsWith(prefix)) return [];
    const base = target.endsWith("/") ? target : `${target}/`;
    return [{ prefix, target: base + specifier.slice(prefix.length) }];
  });
  return matching.sort((one, other) => other.prefix.length - one.prefix.length)[0]?.target;
}

/** Returns the import map for a module; undefined without a configuration file. */
function importMapOf(module: string): ImportMap | undefined {
  let folder = new URL(".", module);
  for (;;) {
    for (const name of CONFIG_FILES) {
      const url = new URL(name, folder).href;
      const config = read(url);
      if (config !== undefined) return toImportMap(config, url);
    }
    // Above the root, or a drive of Windows, is the same folder.
    const parent = new URL("..", folder);
    if (parent.href === folder.href) return undefined;
    folder = parent;
  }
}

function toImportMap(config: unknown, url: string): ImportMap {
  const { importMap, imports, scopes } = isJsonObject(config) ? config : {};
  if (typeof importMap === "string") {
    const other = new URL(importMap, url).href;
    return toImportMap(read(other), other);
  }
  return {
    url,
    imports: isJsonObject(imports) ? imports : {},
    scopes: isJsonObject(scopes) ? scopes : {},
  };
}

function read(url: string): unknown {
  let text: string;
  try {
    text = readTextFileSync(new URL(url));
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
  try {
    return parseJsonc(text);
  } catch (error) {
    throw new SyntaxError(`${fileURLToPath(url)} is not valid: ${(error as Error).message}`);
  }
}
