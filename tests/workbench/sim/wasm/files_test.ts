import { assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { loadAnyProgram, SimEngine } from "../../../../lib/workbench/sim/mod.ts";
import { buildC, canBuildWasi } from "../../../support/build_c.ts";
import { buildGo, buildGoWasm } from "../../../support/build_go.ts";
import { buildRust, canBuildRust } from "../../../support/build_rust.ts";
import { inTemporaryFolder } from "../../../support/in_temporary_folder.ts";
import { isInstalled } from "../../../support/run_example.ts";

const PROGRAMS = `${import.meta.dirname}/programs`;

/** Returns the lines that a program writes to its log until it exits. */
async function simulatedLines(path: string, args: readonly string[] = []): Promise<string[]> {
  const lines: string[] = [];
  const engine = new SimEngine(await loadAnyProgram({ path }), args);
  await engine.run(async () => {
    const node = engine.start("n0", {
      sent() {},
      malformedOutput() {},
      logged: (line) => void lines.push(line),
    });
    assertEquals((await node.ended).code, 0, lines.join("\n"));
  });
  return lines;
}

/** Returns the lines that a native program writes in a working directory with a folder. */
async function nativeLines(path: string, folder: string): Promise<string[]> {
  const cwd = `${folder}/cwd`;
  Deno.mkdirSync(`${cwd}/storage`, { recursive: true });
  const { code, stderr } = await new Deno.Command(path, { cwd }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  return text.trimEnd().split("\n");
}

const TOOLCHAINS = {
  C: {
    isThere: canBuildWasi,
    build: (folder: string, target: "native" | "wasi") =>
      buildC(`${PROGRAMS}/files.c`, target, folder),
  },
  Rust: {
    isThere: canBuildRust,
    build: (folder: string, target: "native" | "wasi") =>
      buildRust(`${PROGRAMS}/files.rs`, target, folder),
  },
  Go: {
    isThere: () => isInstalled("go"),
    build: (folder: string, target: "native" | "wasi") =>
      target === "native"
        ? buildGo("files.go", folder, PROGRAMS)
        : buildGoWasm("files.go", folder, PROGRAMS),
  },
};

for (const [language, { isThere, build }] of Object.entries(TOOLCHAINS)) {
  const ignore = !isThere();
  const test = (name: string, fn: (folder: string) => Promise<void>) =>
    Deno.test({
      name: ignore ? `${name} (skipped: its compiler is not installed)` : name,
      ignore,
      fn: () => inTemporaryFolder(fn),
    });

  test(`a program in ${language} uses files as a native one does`, async (folder) => {
    const expected = await nativeLines(await build(folder, "native"), folder);
    assertEquals(await simulatedLines(await build(folder, "wasi")), expected);
  });

  test(`what a program in ${language} does outside of its folder is named`, async (folder) => {
    const path = await build(folder, "wasi");
    const text = (await simulatedLines(path, ["/etc/passwd"])).join("\n");
    assertMatch(
      text,
      /the program called (fs\.|path_)open\("\/?etc\/passwd"\), but a simulated node/,
    );
    assertMatch(text, /has the folder storage only: ENOENT\n/);
    assertMatch(text, /(fs\.mkdir|path_create_directory)\("beside"\), but .* only: EACCES\n/);
    if (language === "C") {
      const missing = "which a simulated node does not have: ENOTSUP;";
      assertStringIncludes(text, `O_SYNC), ${missing} open it without O_SYNC, and call fsync`);
      assertStringIncludes(text, `path_symlink, ${missing} use link or rename`);
    }
  });
}
