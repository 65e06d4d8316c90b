/**
 * Loads a WebAssembly module as a program of simulated nodes. Its imports show what it was built for.
 *
 * @module
 */

import { StartError } from "../../engine.ts";
import { createGuestProgram, type GuestProgram } from "../guest_program.ts";
import { WasmFormatError } from "./binary.ts";
import { findGlue } from "./find_glue.ts";
import { bootGo } from "./go_guest.ts";
import { importMemory, MEMORY_IMPORT, type MemoryLimits, MemoryPool } from "./memory_pool.ts";
import { meter } from "./meter.ts";
import { WASI_MODULE } from "./wasi_abi.ts";
import { bootWasi, canSuspend, isWasiCall } from "./wasi_guest.ts";

/** The names under which Go's programs import their glue: until Go 1.20, and since Go 1.21. */
const GO_MODULES: readonly string[] = ["go", "gojs"];

const HOW_TO_BUILD =
  "The sim engine runs programs of `GOOS=js GOARCH=wasm go build` and programs " +
  "for WASI preview 1 (clang or rustc with a wasm32-wasi target, tinygo -target=wasip1)";

/** Hints for modules that other hosts run, by a module that they import. */
const OTHER_HOSTS: Readonly<Record<string, string>> = {
  wasi_unstable:
    "it was built for a version of WASI before preview 1; build it with a newer compiler",
  env: "it expects a host of its own; Emscripten needs -sSTANDALONE_WASM, AssemblyScript " +
    "--use abort= and the WASI shim",
  wasi: "it needs threads; build it for a single thread",
};

/**
 * Returns the program of a module. `glue` is the path of the `wasm_exec.js` of the Go that built it;
 * without one it is searched for. Throws a {@link StartError}.
 */
export async function loadWasm(path: string, glue?: string): Promise<GuestProgram> {
  const bytes = Deno.readFileSync(path);
  const fail = (problem: string): never => {
    throw new StartError(`--bin ${path} cannot be simulated: ${problem}.`);
  };
  const { module, limits } = compile(bytes, fail);
  const pool = limits === undefined ? undefined : new MemoryPool(limits);
  const imports = WebAssembly.Module.imports(module).filter(({ module }) =>
    module !== MEMORY_IMPORT.module
  );
  const isFor = (hosts: readonly string[]) => imports.some(({ module }) => hosts.includes(module));
  if (isFor(GO_MODULES) && isFor([WASI_MODULE])) {
    return fail("it was built by TinyGo for a browser; build it with tinygo -target=wasip1");
  }
  if (isFor(GO_MODULES)) {
    const createGo = await findGlue(path, imports, glue);
    const boot = bootGo({ module, pool, createGo });
    return createGuestProgram(path, () => boot);
  }
  const foreign = imports.find(({ module, name }) => module !== WASI_MODULE || !isWasiCall(name));
  if (foreign !== undefined) {
    const hint = OTHER_HOSTS[foreign.module] ?? "the simulation does not have that function";
    return fail(`it imports ${foreign.module}.${foreign.name}: ${hint}. ${HOW_TO_BUILD}`);
  }
  const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
  const missing = ["memory", "_start"].find((name) => !exports.includes(name));
  if (missing !== undefined) {
    return fail(`it exports no ${missing}, so it is a library, not a program. ${HOW_TO_BUILD}`);
  }
  if (!canSuspend) {
    return fail("this version of Deno lacks WebAssembly.Suspending; Deno 2.9 has it");
  }
  const boot = bootWasi({ module, pool });
  return createGuestProgram(path, () => boot);
}

interface Compiled {
  readonly module: WebAssembly.Module;
  readonly limits: MemoryLimits | undefined;
}

function compile(file: Uint8Array, fail: (problem: string) => never): Compiled {
  try {
    const { bytes, limits } = importMemory(file);
    return { module: new WebAssembly.Module(meter(bytes)), limits };
  } catch (error) {
    if (error instanceof WasmFormatError) return fail(error.message);
    if (error instanceof WebAssembly.CompileError) return fail(`it is invalid: ${error.message}`);
    throw error;
  }
}
