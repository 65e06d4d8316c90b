import { assert, assertEquals } from "std/testing";

const PROJECT = new URL("../../", import.meta.url);

/** The modules whose docstrings have examples for the authors of nodes. */
const MODULES = [
  "lib/base/suggest.ts",
  "lib/check/generate/generate_history.ts",
  "lib/testing/fake_node.ts",
  "lib/testing/history_notation.ts",
  "lib/testing/log_notation.ts",
  "lib/testing/register_notation.ts",
  "lib/testing/transaction_notation.ts",
  "lib/workbench/sim/determinism_check.ts",
  "lib/workbench/sim/failure_report.ts",
  "lib/workbench/sim/simulate.ts",
];

/** Returns the examples in a module's docstrings, with imports from the project's folder. */
function examplesOf(module: string): string[] {
  const source = Deno.readTextFileSync(new URL(module, PROJECT));
  return [...source.matchAll(/^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm)].map(([, lines = ""]) =>
    lines.replaceAll(/^ \* ?/gm, "").replaceAll(/from "\.\.\/(lib|nodes)\//g, `from "${PROJECT}$1/`)
  );
}

Deno.test("the examples in the docstrings of lib/testing compile and run", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const paths: string[] = [];
    for (const module of MODULES) {
      const examples = examplesOf(module);
      assert(examples.length > 0, `${module} has no example`);
      for (const [index, example] of examples.entries()) {
        const path = `${folder}/${module.replaceAll("/", "_").replace(/\.ts$/, "")}_${index}.ts`;
        Deno.writeTextFileSync(path, example);
        paths.push(path);
      }
    }
    const config = ["--quiet", "--config", new URL("deno.json", PROJECT).pathname];
    await runDeno(["check", ...config, ...paths]);
    const all = `${folder}/all.ts`;
    Deno.writeTextFileSync(all, paths.map((path) => `await import("file://${path}");\n`).join(""));
    await runDeno(["run", "--no-check", "--allow-all", ...config, all]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function runDeno(args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args] }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}
