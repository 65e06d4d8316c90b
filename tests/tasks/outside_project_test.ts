import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { runInFolder } from "../support/run_in_folder.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const SOURCES = new URL("outside_project/", import.meta.url);
const FILES = ["lock.ts", "lock_workload.ts", "lock_test.ts"];

/** Runs one of this project's tasks from a folder. */
function runTask(folder: string, ...args: string[]) {
  return runInFolder(folder, Deno.execPath(), [
    "task",
    "--quiet",
    "--config",
    `${PROJECT}deno.json`,
    ...args,
  ]);
}

/** Calls a function with a folder that has a node, a workload and an import map of its own. */
async function inOutsideProject(test: (folder: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    for (const name of FILES) Deno.copyFileSync(new URL(name, SOURCES), `${folder}/${name}`);
    Deno.chmodSync(`${folder}/lock.ts`, 0o755);
    const names = ["node", "check", "workload", "testing"];
    const imports = names.map((name) => [
      `@gossip/workbench/${name}`,
      `${PROJECT}lib/${name}/mod.ts`,
    ]);
    const config = JSON.stringify({ imports: Object.fromEntries(imports) });
    Deno.writeTextFileSync(
      `${folder}/deno.jsonc`,
      `// The import map of this folder.\n${config}\n`,
    );
    await test(Deno.realPathSync(folder));
  });
}

const LOCK = ["--workload", "./lock_workload.ts", "--bin", "./lock.ts"];
const SHORT = ["--node-count", "3", "--time-limit", "1", "--rate", "50"];

Deno.test("a project elsewhere with its own import map is checked, and its tests pass", async () => {
  await inOutsideProject(async (folder) => {
    const types = await runInFolder(folder, Deno.execPath(), ["check", "--quiet", ...FILES]);
    assertEquals(types.code, 0, types.output);
    const tests = await runInFolder(folder, Deno.execPath(), [
      "test",
      "--allow-read",
      "--no-check",
    ]);
    assertEquals(tests.code, 0, tests.output);
  });
});

for (const engine of ["sim", "process"]) {
  Deno.test(`a node and a workload elsewhere run on the ${engine} engine`, async () => {
    await inOutsideProject(async (folder) => {
      const flags = [...LOCK, ...SHORT, "--engine", engine];
      const valid = await runTask(folder, "maelstrom", "test", ...flags);
      assertEquals(valid.code, 0, valid.output);
      assertStringIncludes(valid.output, "testing lock: 3 nodes of ./lock.ts");
      const broken = await runTask(folder, "maelstrom", "test", ...flags, "--", "--lease", "1");
      assertEquals(broken.code, 1, broken.output);
      // The results are where the user stands, and can be checked again with the workload.
      const run = `${folder}/store/latest`;
      const check = ["maelstrom", "check", "store/latest"];
      assertEquals((await runTask(folder, ...check, "-w", "./lock_workload.ts")).code, 1);
      const unnamed = await runTask(folder, ...check);
      assertEquals(unnamed.code, 254);
      assertStringIncludes(unnamed.output, "workload is the module ./lock_workload.ts");
      assert(Deno.statSync(`${run}/report.html`).isFile);
    });
  });
}

Deno.test("a failure of a workload elsewhere is explored, shrunk and replayed", async () => {
  await inOutsideProject(async (folder) => {
    const flags = [
      "./lock_workload.ts",
      "--bin",
      "./lock.ts",
      "--seeds",
      "5",
      "--shrink-runs",
      "20",
    ];
    const explored = await runTask(folder, "explore", ...flags, "--", "--lease", "1");
    assertEquals(explored.code, 1, explored.output);
    const file = /deno task --config \S+ replay (\S+)/.exec(explored.output)?.[1] ?? "no case";
    const replayed = await runTask(folder, "replay", file);
    assertEquals(replayed.code, 1, replayed.output);
    assert(!replayed.output.includes("the node may have changed"), replayed.output);
  });
});

const problems = {
  "./no.ts": "--workload ./no.ts: file not found",
  ".": "must be one of echo",
  "./": "--workload ./ is a folder",
  "./lock.ts": "its default export is not a Workload: expected an object with name, summary",
  "./named.ts": "add: export default lockWorkload;",
  "./partial.ts": "it has no check, a function",
  "./typed.ts": "its client must be a function, got string",
  "./syntax.ts": "--workload ./syntax.ts cannot be imported",
  "./missing.ts": '"no-such-package" is not in the import map',
  "./away.ts": "/gone.ts not found; ",
};

Deno.test("a module that is not a workload is refused with what it lacks", async () => {
  await inOutsideProject(async (folder) => {
    const members = "name: 'x', summary: '', generator() {}";
    const files = {
      "named.ts": "export { lockWorkload } from './lock_workload.ts';",
      "partial.ts": `export default { ${members}, client() {} };`,
      "typed.ts": `export default { ${members}, client: "c", check() {} };`,
      "syntax.ts": "export default {",
      "missing.ts": "import 'no-such-package'; export default {};",
      "away.ts": "import './middle.ts'; export default {};",
      "middle.ts": "import '../gone.ts'; export const middle = 1;",
    };
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${folder}/${name}`, text);
    }
    for (const [path, message] of Object.entries(problems)) {
      const flags = ["-w", path, "--bin", "./lock.ts", "--engine", "sim"];
      const { code, output } = await runTask(folder, "maelstrom", "test", ...flags);
      assertEquals(code, 254, output);
      assertStringIncludes(output, message);
      assert(!output.includes("    at "), output);
      if (path === "./away.ts") {
        assertStringIncludes(output, `${folder}/middle.ts imports it as "../gone.ts"`);
      }
    }
  });
});
