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
): Promise<string> {
  const path = `${folder}/${source.replace(/^.*\//, "").replace(/\.go$/, "")}.wasm`;
  const { code, stderr } = await new Deno.Command("go", {
    args: ["build", "-o", path, source],
    cwd,
    env: { GOOS: "js", GOARCH: "wasm", GOFLAGS: "-mod=mod" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return path;
}
