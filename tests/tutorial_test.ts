import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { inTemporaryFolder } from "./support/in_temporary_folder.ts";
import { runInFolder } from "./support/run_in_folder.ts";

const PROJECT = new URL("..", import.meta.url).pathname;
const TUTORIAL = Deno.readTextFileSync("docs/tutorial.md");
const LIBRARIES = ["node", "testing", "replication"];

/** Returns the programs of the tutorial by path. */
function programs(): Map<string, string> {
  const blocks = TUTORIAL.matchAll(/^```ts (\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, path = "", code = ""]) => [path, code]));
}

/** A command of the tutorial, and the output that the tutorial shows. */
interface Command {
  readonly words: readonly string[];
  readonly output: readonly string[];
}

/** Returns the commands of the tutorial that have the same output each time, but `explore`. */
function repeatableCommands(): Command[] {
  const blocks = TUTORIAL.matchAll(/^```sh\n([\s\S]*?)^```\n\n```\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, command = "", output = ""]) => {
    const words = command.replaceAll("\\\n", "").trim().split(/\s+/);
    const isRepeatable = words.includes("--seed") || words.includes("compare");
    return isRepeatable ? [{ words, output: output.trimEnd().split("\n") }] : [];
  });
}

/** Writes the tutorial's programs to a folder, with an import map. */
function writePrograms(folder: string): void {
  Deno.mkdirSync(`${folder}/tutorial`);
  for (const [path, code] of programs()) Deno.writeTextFileSync(`${folder}/${path}`, code);
  const imports = LIBRARIES.map((name) => [
    `@gossip/workbench/${name}`,
    `${PROJECT}lib/${name}/mod.ts`,
  ]);
  const config = { imports: Object.fromEntries(imports), fmt: { lineWidth: 100 } };
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(config));
}

/** Runs deno in a folder; returns its exit code and output. */
function deno(folder: string, args: readonly string[]) {
  return runInFolder(folder, Deno.execPath(), args);
}

/** Runs a command of the tutorial in a folder, with this project's tasks. */
function runCommand(folder: string, { words: [program, task, ...args] }: Command) {
  assertEquals([program, task], ["deno", "task"]);
  return deno(folder, ["task", "--quiet", "--config", `${PROJECT}deno.json`, ...args]);
}

Deno.test("the tutorial's programs are formatted and typed, and its test passes", async () => {
  await inTemporaryFolder(async (folder) => {
    writePrograms(folder);
    assertEquals(programs().size, 5);
    const test = ["test", "--allow-read", "--no-check"];
    for (const args of [["fmt", "--check", "tutorial"], ["check", "tutorial"], test]) {
      const { code, output } = await deno(folder, args);
      assertEquals(code, 0, output);
    }
  });
});

Deno.test("the tutorial's test finds the value that the first broadcast loses", async () => {
  await inTemporaryFolder(async (folder) => {
    writePrograms(folder);
    const path = `${folder}/tutorial/retry_test.ts`;
    const test = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, test.replace('"./retry.ts"', '"./flood.ts"'));
    const { code, output } = await deno(folder, ["test", "--allow-read", "--no-check"]);
    assertEquals(code, 1, output);
    assertStringIncludes(output, "lost");
  });
});

Deno.test("the tutorial's repeatable commands print what it shows", async () => {
  await inTemporaryFolder(async (folder) => {
    writePrograms(folder);
    const commands = repeatableCommands();
    assertEquals(commands.length, 5);
    for (const command of commands) {
      const { code, output } = await runCommand(folder, command);
      const isInvalid = command.output.some((line) => line.startsWith("Analysis invalid!"));
      assertEquals(code, isInvalid ? 1 : 0, output);
      const lines = output.split("\n");
      for (const line of command.output.filter((line) => line !== "…")) {
        assert(lines.includes(line), `${command.words.join(" ")}\n${line}\nis not in\n${output}`);
      }
    }
    const verdicts = commands.filter(({ words }) => words.includes("--bin")).map((command) => [
      command.words[command.words.indexOf("--bin") + 1],
      command.output.at(-1)?.startsWith("Everything looks good!"),
    ]);
    assertEquals(verdicts, [
      ["tutorial/flood.ts", true],
      ["tutorial/flood.ts", false],
      ["tutorial/retry.ts", true],
      ["tutorial/gossip.ts", true],
    ]);
  });
});
