/**
 * Builds the programs in Go that tests run.
 *
 * @module
 */

import { assertEquals } from "std/testing";

/** Builds a package, or a file, as a WebAssembly module; `folder` receives it. */
export async function buildGoWasm(
  source: string,
  folder: string,
  cwd = ".",
  go = "go",
  system: "js" | "wasip1" = "js",
): Promise<string> {
  const path = `${folder}/${nameOf(source)}.wasm`;
  await build(["-o", path, source], cwd, { GOOS: system, GOARCH: "wasm" }, go);
  return path;
}

/** Builds a package, or a file, for this machine; `folder` receives it. */
export async function buildGo(source: string, folder: string, cwd = "."): Promise<string> {
  const path = `${folder}/${nameOf(source)}`;
  await build(["-o", path, source], cwd);
  return path;
}

async function build(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
  go = "go",
) {
  const { code, stderr } = await new Deno.Command(go, {
    args: ["build", ...args],
    cwd,
    env: { GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local", ...env },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

function nameOf(source: string): string {
  return source.replace(/^.*\//, "").replace(/\.go$/, "");
}
