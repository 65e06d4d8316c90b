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

Deno.test("the README's example node compiles and is valid under partitions", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const node = `${folder}/my_set.ts`;
    const [code = ""] = examples();
    Deno.writeTextFileSync(node, code.replaceAll('"../lib/', `"${PROJECT.href}lib/`));
    assertEquals(await runDeno("check", "--quiet", "--config", "deno.json", node), "0");
    const test = ["test", "-w", "g-set", "--bin", node, "--engine", "sim", "--time-limit", "20"];
    const flags = [...test, "--nemesis", "partition", "--seed", "1", "--store", folder];
    assertEquals(await runDeno("run", "--allow-all", "tasks/maelstrom.ts", ...flags), "0");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
