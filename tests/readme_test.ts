import { assertEquals } from "std/testing";

/** The project's folder as a URL, from which the README's relative imports are resolved. */
const PROJECT = new URL("..", import.meta.url);

/** Returns the TypeScript examples of the README, in order. */
function examples(): string[] {
  const readme = Deno.readTextFileSync("README.md");
  return [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
}

/** Runs deno and returns its exit code, with its output if it failed. */
async function runDeno(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  return code === 0 ? "0" : `${code}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`;
}

/** Runs a function in a temporary folder that holds the README's examples. */
async function inExamples(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [node = "", test = ""] = examples().map((code) =>
      code.replaceAll('"../lib/', `"${PROJECT.href}lib/`)
    );
    for (const name of ["nodes", "tests"]) Deno.mkdirSync(`${folder}/${name}`);
    Deno.writeTextFileSync(`${folder}/nodes/my_set.ts`, node);
    Deno.writeTextFileSync(`${folder}/tests/my_set_test.ts`, test);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the README's example node is valid under partitions", async () => {
  await inExamples(async (folder) => {
    const test = ["test", "-w", "g-set", "--bin", `${folder}/nodes/my_set.ts`, "--engine", "sim"];
    const flags = [
      "--time-limit",
      "20",
      "--nemesis",
      "partition",
      "--seed",
      "1",
      "--store",
      folder,
    ];
    assertEquals(await runDeno("run", "--allow-all", "tasks/maelstrom.ts", ...test, ...flags), "0");
  });
});

Deno.test("the README's example tests compile and pass", async () => {
  await inExamples(async (folder) => {
    const flags = ["--quiet", "--allow-read", "--config", "deno.json"];
    assertEquals(await runDeno("test", ...flags, `${folder}/tests/my_set_test.ts`), "0");
  });
});
