/**
 * Builds the programs in C that tests run.
 *
 * @module
 */

import { assertEquals } from "std/testing";

/** The arguments of clang that build a program for WASI; Debian's wasi-libc is below `/usr`. */
const WASI: readonly string[] = ["--target=wasm32-wasi", "--sysroot=/usr"];

/** Whether clang can build programs for WASI: it also needs a linker and two libraries. */
export function canBuildWasi(): boolean {
  const source = Deno.makeTempFileSync({ suffix: ".c" });
  try {
    Deno.writeTextFileSync(source, "int main(void) { return 0; }\n");
    const args = [...WASI, "-o", `${source}.wasm`, source];
    return new Deno.Command("clang", { args, stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  } finally {
    Deno.removeSync(source);
    removeIfThere(`${source}.wasm`);
  }
}

/** Builds a program for this machine, or for WASI; returns the path of the result. */
export async function buildC(source: string, target: "native" | "wasi", folder: string) {
  const path = `${folder}/node${target === "wasi" ? ".wasm" : ""}`;
  const options = ["-O2", "-Wall", "-Wextra", "-Werror", ...(target === "wasi" ? WASI : [])];
  const args = [...options, "-o", path, source];
  const { code, stderr } = await new Deno.Command("clang", { args }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return path;
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
