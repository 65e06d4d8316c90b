import { assertEquals, assertStringIncludes } from "std/testing";
import { NODE_TEMPLATES } from "../../tasks/cli/node_templates.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { runInFolder } from "../support/run_in_folder.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const TASK = ["run", "--quiet", "--allow-read", "--allow-write", "--allow-run"];

/** Runs deno in a folder; returns its exit code and output. */
function deno(folder: string, ...args: string[]) {
  return runInFolder(folder, Deno.execPath(), args);
}

/** Runs `deno task new` in a folder. */
function newNode(folder: string, ...args: string[]) {
  const config = ["--allow-env=NO_COLOR,INIT_CWD", "--config", `${PROJECT}deno.json`];
  return deno(folder, ...TASK, ...config, `${PROJECT}tasks/new.ts`, ...args);
}

Deno.test("new writes nodes that are formatted, linted and typed, and pass their tests", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const workload of Object.keys(NODE_TEMPLATES)) {
      const { code, output } = await newNode(folder, `my-${workload}`, "--workload", workload);
      assertEquals(code, 0, output);
      assertStringIncludes(output, `deno test --allow-read ./my-${workload}_test.ts`);
    }
    const tasks = [["fmt", "--check"], ["lint"], ["check", "."], [
      "test",
      "--allow-read",
      "--no-check",
    ]];
    for (const task of tasks) {
      const { code, output } = await deno(folder, ...task);
      assertEquals(code, 0, output);
    }
    assertEquals((Deno.statSync(`${folder}/my-echo.ts`).mode ?? 0o111) & 0o111, 0o111);
  });
});

Deno.test("new writes tasks for a folder elsewhere, with paths relative to the user's folder", async () => {
  await inTemporaryFolder(async (folder) => {
    assertEquals((await newNode(folder, "my_set", "-w", "g-set")).code, 0);
    Deno.mkdirSync(`${folder}/deep`);
    const inDeep = (...args: string[]) => deno(`${folder}/deep`, "task", "--quiet", ...args);
    const short = ["--bin", "../my_set.ts", "--engine", "sim", "--time-limit", "2"];
    const commands = [
      ["maelstrom", "test", "-w", "g-set", ...short],
      ["maelstrom", "check", "store/latest"],
      ["explore", "g-set", "--bin", "../my_set.ts", "--seeds", "1"],
      ["check", "store/latest"],
      ["replay", "--help"],
      ["serve", "--help"],
      ["new", "other"],
    ];
    for (const command of commands) {
      const { code, output } = await inDeep(...command);
      assertEquals(code, 0, output);
    }
    assertEquals(Deno.statSync(`${folder}/deep/other.ts`).isFile, true);
    assertStringIncludes((await inDeep("test")).output, "2 passed");
  });
});

Deno.test("new follows the configuration of the folder that it writes to", async () => {
  await inTemporaryFolder(async (folder) => {
    const config = { fmt: { useTabs: true, singleQuote: true } };
    Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(config));
    const { code, output } = await newNode(folder, "deep/my_set", "-w", "g-set");
    assertEquals(code, 0, output);
    assertEquals((await deno(`${folder}/deep`, "fmt", "--check", "my_set.ts")).code, 0);
    assertEquals(JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`)), config);
  });
});

const problems = {
  "": "missing name of the node",
  "a b": 'unexpected argument "b"',
  "9x": 'got "9x"',
  "taken": "./taken_test.ts is there already",
  "x -w kafka": "--workload must be one of echo, unique-ids, broadcast, g-set",
};

Deno.test("new says what is wrong with a name, and overwrites no file", async () => {
  await inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/taken_test.ts`, "");
    for (const [args, message] of Object.entries(problems)) {
      const { code, output } = await newNode(
        folder,
        ...args.split(" ").filter((arg) => arg !== ""),
      );
      assertEquals(code, 254, output);
      assertStringIncludes(output, message);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["taken_test.ts"]);
  });
});
