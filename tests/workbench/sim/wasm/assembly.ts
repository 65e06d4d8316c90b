/**
 * Compiles programs in AssemblyScript, so that tests need no compiler outside of npm.
 *
 * @module
 */

import asc from "assemblyscript/asc";

const PROGRAMS = new URL("programs/", import.meta.url);

/** Compiles a program of the folder `programs`, as a module for WASI. */
export function compileProgram(
  name: string,
  options: readonly string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  return compileText(Deno.readTextFileSync(new URL(`${name}.as`, PROGRAMS)), options);
}

/** Compiles the text of a program; it may import those of the folder `programs`. */
export async function compileText(
  text: string,
  options: readonly string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  let module: Uint8Array | undefined;
  const args = ["main.ts", "--outFile", "main.wasm", "--use", "abort=", "--runtime", "stub"];
  const { error, stderr } = await asc.main([...args, "--debug", ...options], {
    readFile: (name: string) => name === "main.ts" ? text : readProgram(name),
    writeFile(name: string, contents: string | Uint8Array) {
      if (name === "main.wasm") module = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || module === undefined) throw new Error(`${error}\n${stderr}`);
  return new Uint8Array(module);
}

function readProgram(name: string): string | null {
  try {
    return Deno.readTextFileSync(new URL(name.replace(/\.ts$/, ".as"), PROGRAMS));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Runs a function with the path of a file that holds a module. */
export async function withModule<T>(
  module: Uint8Array,
  fn: (path: string) => Promise<T>,
): Promise<T> {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/node.wasm`;
    Deno.writeFileSync(path, module);
    return await fn(path);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
