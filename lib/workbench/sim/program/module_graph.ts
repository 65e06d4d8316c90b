/**
 * The modules of a node: its main module and all that it imports.
 *
 * Modules in files are the node's own, also those of small packages. The node library, built-in
 * modules and all other packages are not: all nodes of a thread share them.
 *
 * @module
 */

import { isBuiltin, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { resolveImport } from "../../import_map.ts";
import { guardBuiltinModule, guardRequiredModules } from "../ambient/node_modules.ts";
import { type ModuleSource, prepareModule } from "./module_source.ts";
import { mayHaveState } from "./module_state.ts";

// The traps replace `Deno` while modules are imported.
const { readTextFile, errors: { NotFound } } = Deno;

/** The exports of a module that all nodes share. */
export type SharedExports = Readonly<Record<string, unknown>>;

/** A module of the node. */
export interface OwnModule extends ModuleSource {
  /** The URLs of the imported modules by specifier. */
  readonly resolved: Map<string, string>;
  /** Whether each node needs an instance of its own. */
  isPerNode: boolean;
}

/** The modules of a node by URL. */
export interface ModuleGraph {
  readonly main: string;
  readonly own: ReadonlyMap<string, OwnModule>;
  readonly shared: ReadonlyMap<string, SharedExports>;
  /** Whether a module waits at its top level. */
  readonly isAsync: boolean;
}

/** Runs code while modules are imported: with an importing node as the current node. */
export type WhileImporting = <T>(code: () => Promise<T>) => Promise<T>;

/** The folder of the library, which belongs to the workbench. */
const LIBRARY = new URL("../../../", import.meta.url).href;
/** A file of a package, in the cache of a registry or in a project's own folder. */
const PACKAGE = /\/npm\/[^/]+\.[^/]+\/|\/node_modules\//;
/** The maximum number of modules of a package that are a node's own. */
const MAX_PACKAGE_MODULES = 64;

/**
 * Reads the modules of a node, and imports those that are not its own. Rejects if a module does not
 * exist or is not valid.
 */
export async function readGraph(
  main: string,
  whileImporting: WhileImporting,
): Promise<ModuleGraph> {
  const own = new Map<string, OwnModule>();
  const shared = new Map<string, SharedExports>();
  const pending: Imported[] = [{ url: main }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { url } = next;
    if (own.has(url) || shared.has(url)) continue;
    const isPackage = PACKAGE.test(url);
    const read = !isOwn(url)
      ? undefined
      : isPackage
      ? await readPackage(url, whileImporting)
      : [await readOwn(next, whileImporting)];
    if (read === undefined) shared.set(url, await readShared(url, whileImporting));
    for (const module of read ?? []) {
      own.set(module.url, module);
      pending.push(...importsOf(module));
    }
  }
  markPerNode(main, own);
  const isAsync = [...own.values()].some(({ waits }) => waits);
  return { main, own, shared, isAsync };
}

/** A module to read, and the first module that imports it. */
interface Imported {
  readonly url: string;
  /** The importing module, and the text by which it imports; undefined for the main module. */
  readonly by?: { readonly url: string; readonly specifier: string };
}

function importsOf({ url: importer, resolved }: OwnModule): Required<Imported>[] {
  return [...resolved].map(([specifier, url]) => ({ url, by: { url: importer, specifier } }));
}

async function readOwn(
  { url, by }: Imported,
  whileImporting: WhileImporting,
): Promise<OwnModule> {
  const text = await readTextFile(new URL(url)).catch((error: unknown) => {
    if (by === undefined || !(error instanceof NotFound)) throw error;
    throw new Error(
      `module ${fileURLToPath(url)} not found; ${fileURLToPath(by.url)} imports it as ` +
        `"${by.specifier}"`,
    );
  });
  const source = prepareModule(url, text);
  const resolved = new Map<string, string>();
  for (const specifier of [...source.imports, ...source.dynamicImports]) {
    const target = resolveImport(specifier, url);
    // The file of a package is not known before the package is installed, which an import does.
    if (target.startsWith("npm:")) await whileImporting(() => importShared(target));
    resolved.set(specifier, resolveImport(specifier, url));
  }
  return { ...source, resolved, isPerNode: false };
}

/**
 * Reads the modules of a package; undefined if they are not few ECMAScript modules without
 * dependencies. All nodes share such a package.
 */
async function readPackage(
  main: string,
  whileImporting: WhileImporting,
): Promise<OwnModule[] | undefined> {
  if (!await isModulePackage(main)) return undefined;
  const modules = new Map<string, OwnModule>();
  const pending: Imported[] = [{ url: main }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (modules.has(next.url)) continue;
    if (modules.size === MAX_PACKAGE_MODULES) return undefined;
    const module = await readOwn(next, whileImporting);
    modules.set(next.url, module);
    for (const imported of importsOf(module)) {
      if (isBuiltin(imported.by.specifier)) continue;
      if (!isPath(imported.by.specifier) || !isOwn(imported.url)) return undefined;
      pending.push(imported);
    }
  }
  return [...modules.values()];
}

/** Whether `.js` files of a package are ECMAScript modules. */
async function isModulePackage(url: string): Promise<boolean> {
  if (url.endsWith(".mjs")) return true;
  for (let folder = new URL(".", url); PACKAGE.test(folder.href); folder = new URL("..", folder)) {
    const text = await readTextFile(new URL("package.json", folder)).catch(() => undefined);
    if (text !== undefined) return JSON.parse(text).type === "module";
  }
  return false;
}

/** A module with state is per node, and so is a module that imports one that is per node. */
function markPerNode(main: string, own: ReadonlyMap<string, OwnModule>): void {
  for (const module of own.values()) {
    const { program, resolved, url } = module;
    const isLibrary = (specifier: string) => resolved.get(specifier)?.startsWith(LIBRARY) === true;
    module.isPerNode = program === undefined || mayHaveState(program, isLibrary, url !== main);
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const module of own.values()) {
      const imported = [...module.resolved.values()].map((url) => own.get(url));
      if (module.isPerNode || !imported.some((other) => other?.isPerNode)) continue;
      module.isPerNode = changed = true;
    }
  }
}

function isOwn(url: string): boolean {
  return url.startsWith("file:") && /\.(?:ts|mts|js|mjs)$/.test(url) &&
    !url.startsWith(LIBRARY);
}

function isPath(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier);
}

function builtinName(specifier: string): string {
  return specifier.replace(/^node:/, "");
}

async function readShared(url: string, whileImporting: WhileImporting): Promise<SharedExports> {
  if (url.endsWith(".json")) return { default: JSON.parse(await readTextFile(new URL(url))) };
  return await whileImporting(() =>
    url.startsWith("node:") ? Promise.resolve(guardedBuiltin(url)) : importShared(url)
  );
}

function guardedBuiltin(url: string): SharedExports {
  const exports = guardBuiltinModule(builtinName(url));
  if (exports === undefined) throw new TypeError(`unknown built-in module ${url}`);
  return exports;
}

async function importShared(url: string): Promise<SharedExports> {
  if (url.startsWith(LIBRARY)) return await import(url);
  guardRequiredModules();
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const { conditions, parentURL = "" } = context;
      const isGuarded = conditions.includes("require") || parentURL.startsWith("data:");
      if (isGuarded || !isBuiltin(specifier)) return next(specifier, context);
      return { url: builtinSource(builtinName(specifier)), format: "module", shortCircuit: true };
    },
  });
  try {
    return await import(url);
  } finally {
    hooks.deregister();
  }
}

/** Returns the URL of a module that exports the guarded functions of a built-in module. */
function builtinSource(name: string): string {
  const names = Object.keys(guardBuiltinModule(name) ?? {});
  const module = name === "process" ? "globalThis.process" : "builtin";
  const source = [
    `import builtin from "node:${name}";`,
    `const m = ${module};`,
    "export default m;",
    ...names.filter((key) => /^(?!default$)[a-z_$][\w$]*$/i.test(key))
      .map((key) => `export const ${key} = m.${key};`),
  ].join("\n");
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
