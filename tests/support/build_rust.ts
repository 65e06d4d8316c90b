/**
 * Builds the programs in Rust that tests run.
 *
 * @module
 */

import { assertEquals } from "std/testing";

/** A compiler, and the name that it has for WASI preview 1. */
interface Toolchain {
  readonly rustc: string;
  readonly target: string;
}

/** Rust of the user, and Debian's; the newer name of the target is that since Rust 1.78. */
const CANDIDATES: readonly Toolchain[] = ["rustc", "/usr/bin/rustc"].flatMap((rustc) =>
  ["wasm32-wasip1", "wasm32-wasi"].map((target) => ({ rustc, target }))
);

let toolchain: Toolchain | undefined;
let isSearched = false;

/** Whether a Rust compiler is installed that can build programs for WASI. */
export function canBuildRust(): boolean {
  return findToolchain() !== undefined;
}

/** Builds a program for this machine, or for WASI; returns the path of the result. */
export async function buildRust(source: string, target: "native" | "wasi", folder: string) {
  const { rustc, target: wasi } = findToolchain() ?? CANDIDATES[0] as Toolchain;
  const path = `${folder}/node${target === "wasi" ? ".wasm" : ""}`;
  const options = ["-O", "--edition", "2021", ...(target === "wasi" ? ["--target", wasi] : [])];
  const { code, stderr } = await new Deno.Command(rustc, {
    args: [...options, "-o", path, source],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return path;
}

function findToolchain(): Toolchain | undefined {
  if (!isSearched) toolchain = CANDIDATES.find(canBuild);
  isSearched = true;
  return toolchain;
}

function canBuild({ rustc, target }: Toolchain): boolean {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/main.rs`, "fn main() {}\n");
    const args = ["--target", target, "-o", `${folder}/main.wasm`, `${folder}/main.rs`];
    return new Deno.Command(rustc, { args, stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
