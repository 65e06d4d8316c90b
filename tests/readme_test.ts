import { assertEquals } from "std/testing";
import { readDocuments, typescriptOf } from "./support/documents.ts";

/** The project's folder as a URL, from which the documents' relative imports are resolved. */
const PROJECT = new URL("..", import.meta.url);

/** Runs deno and returns its exit code, with its output if it failed. */
async function runDeno(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  return code === 0 ? "0" : `${code}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`;
}

/** Runs a function in a temporary folder that holds all examples in TypeScript; returns its paths. */
async function inExamples(
  run: (folder: string, paths: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["nodes", "tests"]) Deno.mkdirSync(`${folder}/${name}`);
    const paths = readDocuments().flatMap((document) =>
      typescriptOf(document).map((code, index) => {
        const name = document.path.replaceAll(/\W/g, "_");
        // The README's first example is the node that others import.
        const isNode = document.path === "README.md" && index === 0;
        const path = isNode
          ? `${folder}/nodes/my_set.ts`
          : `${folder}/tests/${name}_${index}_test.ts`;
        Deno.writeTextFileSync(path, code.replaceAll('"../lib/', `"${PROJECT.href}lib/`));
        return path;
      })
    );
    await run(folder, paths);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the README's first example in a language other than TypeScript. */
function exampleIn(language: string): string {
  const [readme = ""] = readDocuments().filter(({ path }) => path === "README.md").map(({ text }) =>
    text
  );
  return new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "m").exec(readme)?.[1] ?? "";
}

async function hasPython(): Promise<boolean> {
  try {
    return (await new Deno.Command("python3", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

Deno.test("all examples in TypeScript compile", async () => {
  await inExamples(async (_folder, paths) => {
    assertEquals(await runDeno("check", "--quiet", "--config", "deno.json", ...paths), "0");
  });
});

Deno.test("an example that does not compile is found", async () => {
  await inExamples(async (folder) => {
    const path = `${folder}/tests/wrong.ts`;
    const [readme] = readDocuments().filter(({ path }) => path === "README.md");
    const [node = ""] = readme === undefined ? [] : typescriptOf(readme);
    const wrong = node.replace("value: [...elements]", "values: [...elements]");
    Deno.writeTextFileSync(path, wrong.replaceAll('"../lib/', `"${PROJECT.href}lib/`));
    const result = await runDeno("check", "--quiet", "--config", "deno.json", path);
    assertEquals(result.includes("Property 'value' is missing"), true, result);
  });
});

Deno.test("the README's example node is valid under partitions", async () => {
  await inExamples(async (folder) => {
    const test = ["test", "-w", "g-set", "--bin", `${folder}/nodes/my_set.ts`, "--engine", "sim"];
    const faults = ["--time-limit", "20", "--nemesis", "partition", "--seed", "1"];
    const command = ["run", "--allow-all", "tasks/maelstrom.ts", ...test, ...faults];
    assertEquals(await runDeno(...command, "--store", folder), "0");
  });
});

Deno.test("the examples' tests pass", async () => {
  await inExamples(async (folder) => {
    const flags = ["--quiet", "--no-check", "--allow-read", "--config", "deno.json"];
    const files = [...Deno.readDirSync(`${folder}/tests`)].map(({ name }) =>
      `${folder}/tests/${name}`
    );
    const withTests = files.filter((path) => Deno.readTextFileSync(path).includes("Deno.test("));
    assertEquals(withTests.length >= 2, true);
    assertEquals(await runDeno("test", ...flags, ...withTests), "0");
  });
});

Deno.test({
  name: "the README's example in Python is a valid echo node",
  ignore: !await hasPython(),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/my_node.py`;
      Deno.writeTextFileSync(path, exampleIn("python"), { mode: 0o755 });
      const test = ["test", "-w", "echo", "--bin", path, "--engine", "process"];
      const size = ["--node-count", "3", "--time-limit", "1", "--rate", "20", "--store", folder];
      const command = ["run", "--allow-all", "tasks/maelstrom.ts", ...test, ...size];
      assertEquals(await runDeno(...command), "0");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
