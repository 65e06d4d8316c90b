/**
 * Lists the runs in a store.
 *
 * @module
 */

import type { StoredRun } from "../../lib/page/store_page.ts";
import { unlessMissing } from "./file_problem.ts";

/** Returns the runs below a folder, newest first. A folder that is not there has none. */
export function listRuns(store: string): StoredRun[] {
  const runs = runFolders(store, "", 3).map((path) => readStoredRun(store, path));
  return runs.sort((a, b) => a.time < b.time ? 1 : -1);
}

/** Returns the folders with a `test.json`, relative to the store. Links (`latest`) are left out. */
function runFolders(store: string, path: string, depth: number): string[] {
  const entries = entriesOf(`${store}/${path}`);
  if (path !== "" && entries.some(({ name }) => name === "test.json")) return [path];
  if (depth === 0) return [];
  return entries.filter(({ isDirectory }) => isDirectory).flatMap(({ name }) =>
    runFolders(store, path === "" ? name : `${path}/${name}`, depth - 1)
  );
}

function readStoredRun(store: string, path: string): StoredRun {
  const folder = `${store}/${path}`;
  const test = readJson(`${folder}/test.json`);
  const results = readJson(`${folder}/results.json`);
  const options = objectIn(test, "options");
  const valid = results["valid?"];
  return {
    path,
    workload: String(options.workload ?? path.split("/")[0]),
    time: path.slice(path.lastIndexOf("/") + 1),
    command: [test.bin, ...(Array.isArray(test.args) ? test.args : [])].join(" "),
    verdict: Object.keys(results).length === 0
      ? "unfinished"
      : valid === true
      ? "valid"
      : valid === false
      ? "invalid"
      : "unknown",
    figures: figuresOf(options, results),
    hasReport: entriesOf(folder).some(({ name }) => name === "report.html"),
  };
}

/** Returns what two runs are compared by: options, counts, messages, the workload's figures. */
function figuresOf(options: Members, results: Members): Record<string, string | number> {
  const figures: Record<string, string | number> = {};
  const add = (prefix: string, members: Members) => {
    for (const [name, value] of Object.entries(members)) {
      if (typeof value === "number" || typeof value === "string") figures[prefix + name] = value;
      else if (isMembers(value) && prefix !== "") add(`${prefix}${name} `, value);
    }
  };
  add("", options);
  figures.nodes = Array.isArray(options.nodes) ? options.nodes.length : "";
  add("operations ", objectIn(results, "stats"));
  add("messages ", objectIn(results, "net"));
  add("availability ", objectIn(results, "availability"));
  for (const [name, value] of Object.entries(objectIn(results, "workload"))) {
    if (typeof value === "number" || typeof value === "string") figures[`workload ${name}`] = value;
    else if (name.endsWith("latencies") && isMembers(value)) add(`workload ${name} `, value);
  }
  return figures;
}

type Members = Readonly<Record<string, unknown>>;

function readJson(path: string): Members {
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(path));
    return isMembers(value) ? value : {};
  } catch {
    // A run that is not finished, or a damaged file: the list shows it as unfinished.
    return {};
  }
}

function objectIn(members: Members, name: string): Members {
  const value = members[name];
  return isMembers(value) ? value : {};
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entriesOf(folder: string): Deno.DirEntry[] {
  return unlessMissing(() => [...Deno.readDirSync(folder)]) ?? [];
}
