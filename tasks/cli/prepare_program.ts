/**
 * Finds the file that runs what `--bin` names, and builds Go source first.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { isWasm, type ProgramFile, StartError } from "../../lib/workbench/mod.ts";
import { print } from "./console.ts";
import type { BuiltInEngine } from "./engine_choice.ts";

/** Whether a path names a Go program: a file, or a folder with the files of one. */
export function isGoSource(bin: string): boolean {
  if (bin.endsWith(".go")) return true;
  try {
    return [...Deno.readDirSync(bin)].some(({ name, isFile }) => isFile && name.endsWith(".go"));
  } catch {
    return false;
  }
}

/**
 * Returns the file that an engine runs for `--bin`. Go source is built into a temporary folder, which
 * is removed when this process ends; the command is printed. `glue` is the path of a `wasm_exec.js`.
 * Throws a {@link StartError} if the program cannot be built.
 */
export async function prepareProgram(
  bin: string,
  engine: BuiltInEngine | "nats",
  glue?: string,
): Promise<ProgramFile> {
  if (glue !== undefined && !isWasm(bin) && !isGoSource(bin)) {
    throw new StartError(`--wasm-exec is for Go programs; --bin ${bin} is not one`);
  }
  const path = isGoSource(bin) ? await buildGo(bin, engine) : bin;
  return { path, ...(glue === undefined ? {} : { glue }) };
}

async function buildGo(bin: string, engine: BuiltInEngine | "nats"): Promise<string> {
  const isFile = bin.endsWith(".go");
  const folder = isFile ? dirname(bin) : bin;
  const target = isFile ? basename(bin) : ".";
  const isSim = engine === "sim";
  const name = basename(Deno.realPathSync(folder));
  const built = `${temporaryFolder()}/${name}${isSim ? ".wasm" : ""}`;
  const env: Record<string, string> = isSim ? { GOOS: "js", GOARCH: "wasm" } : {};
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
  print(`building: (cd ${folder} && ${variables}go build -trimpath -o ${built} ${target})`);
  const args = ["build", "-trimpath", "-o", built, target];
  const { code, stderr } = await run({ args, cwd: folder, env });
  if (code === 0) return built;
  throw new StartError(`--bin ${bin} cannot be built:\n${new TextDecoder().decode(stderr).trim()}`);
}

async function run(options: Deno.CommandOptions): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command("go", options).output();
  } catch (error) {
    const { NotFound, NotCapable } = Deno.errors;
    if (!(error instanceof NotFound || error instanceof NotCapable)) throw error;
    throw new StartError(
      "--bin is Go source, but Go is not installed; install it, or build the program elsewhere " +
        "with GOOS=js GOARCH=wasm and give its .wasm file",
    );
  }
}

/** Creates a folder that is removed when this process ends. */
function temporaryFolder(): string {
  const folder = Deno.makeTempDirSync({ prefix: "go-program-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return folder;
}
