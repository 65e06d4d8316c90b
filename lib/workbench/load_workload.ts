/**
 * Loads a user's workload from the module that `--workload` names.
 *
 * @module
 */

import { UsageError } from "../base/mod.ts";
import { findWorkload, type Workload, WORKLOADS } from "../workload/mod.ts";
import { importModule, isModulePath } from "./import_module.ts";

/** The types of the members that a workload must have, and of those that it may have. */
const REQUIRED = {
  name: "string",
  summary: "string",
  generator: "function",
  client: "function",
  check: "function",
} as const;
const OPTIONAL = {
  defaults: "function",
  problem: "function",
  finalGenerator: "function",
  setUp: "function",
  clientTimeoutMs: "function",
  reusesClients: "boolean",
  mayNeverSucceed: "array",
  reads: "object",
} as const;
const MEMBERS: Readonly<Record<keyof Workload, string>> = { ...REQUIRED, ...OPTIONAL };

/**
 * Returns the workload with one of Maelstrom's names, or the one of the module at a path.
 *
 * @throws {UsageError} The workload does not exist, see {@link loadWorkload}.
 */
export async function findOrLoadWorkload(nameOrPath: string): Promise<Workload> {
  if (isModulePath(nameOrPath)) return await loadWorkload(nameOrPath);
  const workload = findWorkload(nameOrPath);
  if (workload !== undefined) return workload;
  throw new UsageError(unknownWorkload(nameOrPath));
}

/** Returns the error text for a workload that does not exist. */
export function unknownWorkload(name: string): string {
  const names = WORKLOADS.map((workload) => workload.name).join(", ");
  return `unknown workload "${name}"; choose one of ${names}, or give the path of a module ` +
    "that exports a workload, such as ./lock.ts";
}

/**
 * Returns the default export of the module at a path. The module resolves its imports by the import
 * map of its own folder.
 *
 * @throws {UsageError} The file does not exist or cannot be imported, or its default export is not a
 * workload; the message says what is missing.
 */
export async function loadWorkload(path: string): Promise<Workload> {
  const exports = await importModule("--workload", path);
  const { default: workload } = exports;
  if (workload === undefined) {
    const named = Object.keys(exports).find((name) => problemOf(exports[name]) === undefined);
    throw new UsageError(
      `--workload ${path} has no default export; ` +
        (named === undefined ? "add one that is a Workload" : `add: export default ${named};`),
    );
  }
  const problem = problemOf(workload);
  if (problem === undefined) return workload as Workload;
  throw new UsageError(`--workload ${path}: its default export is not a Workload: ${problem}`);
}

/** Describes the first member that is missing or has another type; undefined for a workload. */
function problemOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) {
    const found = typeof value === "function" ? "a function" : String(value);
    return `expected an object with ${Object.keys(REQUIRED).join(", ")}, got ${found}`;
  }
  const members = value as Readonly<Record<string, unknown>>;
  for (const [name, type] of Object.entries(REQUIRED)) {
    if (members[name] === undefined) return `it has no ${name}, ${described(type)}`;
  }
  for (const [name, type] of Object.entries(MEMBERS)) {
    const member = members[name];
    if (member === undefined || isOfType(member, type)) continue;
    return `its ${name} must be ${described(type)}, got ${typeof member}`;
  }
  // Runs are stored in a folder of this name.
  if (/^[\w.-]*\w$/.test(String(members.name))) return undefined;
  return `its name must consist of letters, digits, -, _ and ., got "${members.name}"`;
}

function isOfType(member: unknown, type: string): boolean {
  const found: string = Array.isArray(member) ? "array" : typeof member;
  return found === type;
}

function described(type: string): string {
  return type === "array" || type === "object" ? `an ${type}` : `a ${type}`;
}
