/**
 * Loads the node function from the module that `--bin` names.
 *
 * A simulation runs nodes inside this process, so the file must be a module whose default export is
 * a node function. Its modules are evaluated with the traps of `ambient/` installed, so that also
 * what they capture when they are imported is trapped.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { NodeFunction } from "../../node/mod.ts";
import { StartError } from "../engine.ts";
import { installTraps } from "./ambient/install_traps.ts";
import { currentNode } from "./current_node.ts";
import { setInstantiation } from "./instances.ts";
import { ImportingNode } from "./program/importing_node.ts";
import { readGraph } from "./program/module_graph.ts";
import { Instances, type MainExports } from "./program/module_instance.ts";
import { describeImportError } from "./program/source_positions.ts";
import { startCountingSteps } from "./program/step_limit.ts";
import type { GuestProgram } from "./guest_program.ts";
import { loadWasm } from "./wasm/load_wasm.ts";

const MODULE_EXTENSION = /\.(?:ts|mts|js|mjs)$/;
/** Time limit for the import. */
const LOAD_TIMEOUT_MS = 20_000;
const PROCESS_ENGINE_HINT = "--engine process runs any program.";
const MAIN_GUARD_HINT = "Does the module call serve() outside `if (import.meta.main)`?";

/** The end of the last load. Loads run one after the other, since each one is the current node. */
let lastLoad: Promise<unknown> = Promise.resolve();

/** A file with a program that can be simulated. */
export interface ProgramFile {
  /** The path of a WebAssembly module, or of a module whose default export is a node function. */
  readonly path: string;
  /** The path of the `wasm_exec.js` of a Go program; by default it is searched for. */
  readonly glue?: string;
}

/** Whether a path names a WebAssembly module. */
export function isWasm(path: string): boolean {
  return path.endsWith(".wasm");
}

/**
 * Returns the program of a file: a WebAssembly module, or the node function of another module. Throws
 * a {@link StartError}, which ends with `otherProgramHint` for a program that cannot be simulated.
 */
export async function loadAnyProgram(
  { path, glue }: ProgramFile,
  otherProgramHint = PROCESS_ENGINE_HINT,
): Promise<NodeFunction | GuestProgram> {
  if (!isWasm(path)) return await loadProgram(path, otherProgramHint);
  realPath(path);
  return await loadWasm(path, glue);
}

/**
 * Returns the default export of the module at a path. State at the top level of the module and of
 * those that it imports is each node's own. Throws a {@link StartError}, which ends with
 * `otherProgramHint` for a program that cannot be simulated.
 */
export function loadProgram(
  path: string,
  otherProgramHint = PROCESS_ENGINE_HINT,
): Promise<NodeFunction> {
  const load = lastLoad.then(() => loadNow(path, otherProgramHint));
  lastLoad = load.catch(() => {});
  return load;
}

async function loadNow(path: string, otherProgramHint: string): Promise<NodeFunction> {
  const file = realPath(path);
  if (!MODULE_EXTENSION.test(file)) {
    throw new StartError(
      `--bin ${path} is not a TypeScript or JavaScript module. The sim engine runs nodes inside ` +
        `this process and needs a module whose default export is the node function, or a ` +
        `WebAssembly module (.wasm); ` +
        otherProgramHint,
    );
  }
  const { instances, exports } = await importGuarded(path, pathToFileURL(file).href);
  const program = exports.default;
  if (typeof program !== "function") {
    const found = program === undefined
      ? "has no default export"
      : "has a default export that is not a function";
    throw new StartError(
      `--bin ${path} ${found}. The sim engine needs a function like ` +
        `\`export default function (node: Node) {…}\`; ${otherProgramHint}`,
    );
  }
  if (instances.isPerNode) {
    setInstantiation(program as NodeFunction, () => {
      const { exports, done } = instances.create();
      const main = () => exports.default as NodeFunction;
      return done === undefined ? main() : done.then(main);
    });
  }
  return program as NodeFunction;
}

function realPath(path: string): string {
  let file: string;
  try {
    file = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StartError(`--bin ${path}: no such file (relative to ${Deno.cwd()}).`);
  }
  if (Deno.statSync(file).isDirectory) {
    throw new StartError(`--bin ${path} is a folder; expected a module that runs one node.`);
  }
  return file;
}

/** What a load results in. */
interface Loaded {
  readonly instances: Instances;
  readonly exports: MainExports;
}

/** Imports a module; rejects if its import calls `Deno.exit()` or does not finish in time. */
async function importGuarded(path: string, url: string): Promise<Loaded> {
  const startError = (problem: string) => new StartError(`--bin ${path} ${problem}`);
  const node = new ImportingNode();
  const release = installTraps();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("does not finish loading"), LOAD_TIMEOUT_MS);
  });
  try {
    const loaded = await Promise.race([
      importAs(node, url),
      Promise.race([node.ended, timeout]).then((problem) => {
        throw startError(`${problem} when it is imported. ${MAIN_GUARD_HINT}`);
      }),
    ]);
    return loaded as Loaded;
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (node.problem !== undefined) {
      throw startError(`${node.problem} when it is imported. ${MAIN_GUARD_HINT}`);
    }
    throw startError(`cannot be imported: ${describeImportError(error)}`);
  } finally {
    clearTimeout(timer);
    currentNode.node = undefined;
    release();
  }
}

async function importAs(node: ImportingNode, url: string): Promise<Loaded> {
  const graph = await readGraph(url, (code) => runAs(node, code));
  const instances = new Instances(graph);
  const exports = await runAs(node, async () => {
    const instance = instances.create();
    await instance.done;
    return instance.exports;
  });
  return { instances, exports };
}

/** Runs code while an importing node is the current node. */
async function runAs<T>(node: ImportingNode, code: () => Promise<T>): Promise<T> {
  currentNode.node = node;
  startCountingSteps();
  try {
    return await code();
  } finally {
    currentNode.node = undefined;
  }
}
