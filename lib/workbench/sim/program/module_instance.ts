/**
 * Creates instances of a node's modules. An instance has its own state at the top level of modules,
 * as a process has. Modules without such state have one instance for all nodes.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type Module, SourceTextModule, SyntheticModule } from "node:vm";
import { report } from "../ambient/trap.ts";
import { currentNode } from "../current_node.ts";
import type { ModuleGraph, OwnModule } from "./module_graph.ts";
import { countStep } from "./step_limit.ts";

/** What a node's modules find in `import.meta.simulation`. */
interface SimulationMeta {
  readonly step: () => void;
  /** The node's own global object. */
  readonly global: object;
  /** What `import()` does. */
  readonly load: (specifier: unknown) => Promise<object>;
}

/** The exports of a main module. */
export interface MainExports {
  readonly default?: unknown;
}

/** An instance of a node's modules. */
export interface Instance {
  readonly exports: MainExports;
  /** Resolves when the exports are complete; undefined if they already are. */
  readonly done: Promise<unknown> | undefined;
}

/** The part of a module that the types of Deno lack. */
interface Linking {
  readonly moduleRequests: readonly { readonly specifier: string }[];
  linkRequests(modules: readonly Module[]): void;
  instantiate(): void;
}

/** Creates instances of the modules of a graph. */
export class Instances {
  readonly #graph: ModuleGraph;
  readonly #step: () => void;
  /** The modules that all instances share, by URL. */
  readonly #common = new Map<string, Module>();

  /** `step` is called in each loop and function of the modules; it counts them by default. */
  constructor(graph: ModuleGraph, step: () => void = countStep) {
    this.#graph = graph;
    this.#step = step;
    for (const [url, exports] of graph.shared) {
      const names = Object.keys(exports);
      const module = new SyntheticModule(names, function (this: SyntheticModule) {
        for (const name of names) this.setExport(name, exports[name]);
      }, { identifier: url });
      this.#common.set(url, module);
    }
  }

  /** Whether each node needs an instance of its own. */
  get isPerNode(): boolean {
    return this.#graph.own.get(this.#graph.main)?.isPerNode === true;
  }

  /** Evaluates the modules of a new instance. Throws what they throw. */
  create(): Instance {
    const modules = new Map(this.#common);
    const global = Object.create(globalThis);
    const imported = new ImportedModules();
    for (const source of this.#graph.own.values()) {
      if (modules.has(source.url)) continue;
      const module = createModule(source, modules, imported, { step: this.#step, global });
      modules.set(source.url, module);
      if (!source.isPerNode) this.#common.set(source.url, module);
    }
    for (const source of this.#graph.own.values()) {
      link(source, modules);
      for (const specifier of source.dynamicImports) {
        const url = source.resolved.get(specifier) as string;
        imported.add(url, modules.get(url) as Module);
      }
    }
    const main = modules.get(this.#graph.main) as Module;
    const done = evaluate(main);
    const exports = main.namespace as MainExports;
    if (this.#graph.isAsync) return { exports, done };
    // Without `await` at a top level, the evaluation has ended already.
    done.catch(() => {});
    if (main.status === "errored") throw main.error;
    return { exports, done: undefined };
  }
}

function createModule(
  { url, code, resolved, evaluates }: OwnModule,
  modules: ReadonlyMap<string, Module>,
  imported: ImportedModules,
  instance: Omit<SimulationMeta, "load">,
): Module {
  const load = async (specifier: unknown) => {
    const text = String(specifier);
    return await imported.load(resolved.get(text) ?? "") ?? refuse(text);
  };
  const simulation: SimulationMeta = { ...instance, load };
  return new SourceTextModule(code, {
    identifier: url,
    initializeImportMeta(meta) {
      const filename = fileURLToPath(url);
      const dirname = filename.replace(/\/[^/]*$/, "");
      const resolve = (specifier: string) => resolved.get(specifier) ?? specifier;
      Object.assign(meta, { url, main: false, filename, dirname, resolve, simulation });
    },
    // V8 compiles a module with this function for each instance, and never frees it.
    ...(evaluates ? { importModuleDynamically: importerOf(resolved, modules) } : {}),
  });
}

/**
 * The modules that those of an instance import by `import()`. A module that refers to itself as a
 * `Module` of `node:vm` is never freed, so each is kept as such until its evaluation only.
 */
class ImportedModules {
  readonly #modules = new Map<string, Module>();
  readonly #namespaces = new Map<string, object>();

  add(url: string, module: Module): void {
    this.#modules.set(url, module);
  }

  /** Evaluates a module; returns its exports, or undefined for an unknown one. */
  async load(url: string): Promise<object | undefined> {
    const module = this.#modules.get(url);
    if (module === undefined) return this.#namespaces.get(url);
    await evaluate(module);
    this.#namespaces.set(url, module.namespace);
    this.#modules.delete(url);
    return module.namespace;
  }
}

/** Returns the function that executes an `import()` in a text that a module evaluates. */
function importerOf(
  resolved: ReadonlyMap<string, string>,
  modules: ReadonlyMap<string, Module>,
): (specifier: string) => Promise<Module> {
  return async (specifier) => {
    const found = modules.get(resolved.get(specifier) ?? "") ?? refuse(specifier);
    await evaluate(found);
    return found;
  };
}

function refuse(specifier: string): never {
  const { node } = currentNode;
  if (node !== undefined) report(node, "import()");
  throw new TypeError(
    `cannot import "${specifier}" in a simulated node: only a literal specifier can be ` +
      "imported, since a simulation loads all modules before it starts",
  );
}

function link({ url, resolved }: OwnModule, modules: ReadonlyMap<string, Module>): void {
  const module = modules.get(url) as Module;
  if (module.status !== "unlinked") return;
  const linking = module as Module & Linking;
  linking.linkRequests(
    linking.moduleRequests.map(({ specifier }) =>
      modules.get(resolved.get(specifier) as string) as Module
    ),
  );
}

/** Evaluates a module and those that it imports, unless that has been done. */
function evaluate(module: Module): Promise<unknown> {
  if (module.status === "unlinked" || module.status === "linked") {
    (module as Module & Linking).instantiate?.();
  }
  return module.evaluate();
}
