/**
 * `deno task playground`: writes one page that runs simulations of the project's nodes, for teaching.
 *
 * @module
 */

import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { pageHtml } from "../../lib/page/html.ts";
import { pack } from "../../lib/page/run_files.ts";
import { findWorkload } from "../../lib/workload/mod.ts";
import { bundlePage, bundleRunner } from "./bundle_page.ts";
import { print } from "./console.ts";
import { ExitCode } from "./exit_code.ts";

const USAGE = `deno task playground [flags]

Writes one HTML file in which a reader picks a node, its arguments, faults and a
seed, runs the simulation in the page, and sees its messages and its verdict.
The file needs no server and no network. Exit codes: 0 written, 254 invalid
arguments. Flags:
`;
/** The flags of playground. */
export const playgroundFlags = {
  out: flag.text({ placeholder: "FILE", help: "the file to write", default: "playground.html" }),
  help: flag.help,
} as const;

const PROJECT = new URL("../../", import.meta.url);
/** The nodes, and the small ones with planted faults. */
const FOLDERS = ["nodes", "examples"];

/** Runs the command; returns its exit code. Throws {@link UsageError}. */
export async function playgroundCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, playgroundFlags);
  if (flags.help) {
    print(USAGE + describeFlags(playgroundFlags));
    return ExitCode.valid;
  }
  const [extra] = [...positional, ...rest];
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"; give --out FILE`);
  const workloads = workloadsByProgram();
  const programs = Object.keys(workloads).map((bin) => ({ bin, url: new URL(bin, PROJECT).href }));
  const html = pageHtml({
    title: "Playground",
    summary: [`Simulations of ${programs.length} programs, which run in the browser.`],
    script: await bundlePage(),
    data: "",
    runner: await pack(await bundleRunner(programs)),
    programs: workloads,
  });
  await Deno.writeTextFile(flags.out, html);
  print(`${programs.length} programs in ${flags.out}; open it in a browser`);
  return ExitCode.valid;
}

/** Returns the workload of each program that is named after one: `nodes/g_set.ts` → g-set. */
function workloadsByProgram(): Record<string, string> {
  const workloads: Record<string, string> = {};
  for (const folder of FOLDERS) {
    const names = [...Deno.readDirSync(new URL(folder, PROJECT))].map(({ name }) => name).sort();
    for (const name of names) {
      const workload = name.replace(/\.ts$/, "").replaceAll("_", "-");
      if (findWorkload(workload) !== undefined) workloads[`${folder}/${name}`] = workload;
    }
  }
  return workloads;
}
