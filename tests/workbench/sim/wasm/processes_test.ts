import { assert, assertEquals } from "std/testing";
import { buildC, canBuildWasi } from "../../../support/build_c.ts";
import { buildGoWasm } from "../../../support/build_go.ts";
import { inTemporaryFolder } from "../../../support/in_temporary_folder.ts";
import { isInstalled } from "../../../support/run_example.ts";
import { wasmTranscripts } from "../../../support/wasm_transcripts.ts";
import { compileProgram } from "./assembly.ts";

interface Language {
  readonly name: string;
  isThere(): boolean;
  /** Builds a broadcast program; returns the path of the module. */
  build(folder: string): Promise<string>;
  readonly args: readonly string[];
}

const LANGUAGES: readonly Language[] = [
  {
    name: "Go",
    isThere: () => isInstalled("go"),
    build: (folder) => buildGoWasm("./broadcast", folder, "examples/go"),
    args: [],
  },
  {
    name: "C",
    isThere: canBuildWasi,
    build: (folder) => buildC("examples/c/broadcast.c", "wasi", folder),
    args: ["storage"],
  },
  {
    name: "AssemblyScript",
    isThere: () => true,
    async build(folder) {
      const path = `${folder}/broadcast.wasm`;
      Deno.writeFileSync(path, await compileProgram("broadcast"));
      return path;
    },
    args: [],
  },
];

for (const { name, isThere, build, args } of LANGUAGES) {
  const ignore = !isThere();
  Deno.test({
    name: `another process produces the same runs of a program in ${name}` +
      (ignore ? " (skipped: its compiler is not installed)" : ""),
    ignore,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const path = await build(folder);
        const program = new URL("../../../support/wasm_transcripts.ts", import.meta.url).pathname;
        const { stdout } = await new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "--quiet",
            "--allow-read",
            "--allow-env",
            "--allow-run",
            program,
            path,
            ...args,
          ],
          stderr: "inherit",
        }).output();
        const here = await wasmTranscripts(path, args);
        assert(here.length > 500);
        assertEquals(new TextDecoder().decode(stdout), `${here.join("\n")}\n`);
      }),
  });
}
