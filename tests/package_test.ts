import { assert, assertEquals } from "std/testing";

const CONFIG = JSON.parse(Deno.readTextFileSync("deno.json"));
const EXPORTS: readonly string[] = Object.values(CONFIG.exports);

/** Runs deno; returns its output if it failed, else an empty text. */
async function problemsOf(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return code === 0 ? "" : decoder.decode(stdout) + decoder.decode(stderr);
}

Deno.test("every exported symbol is documented and refers to types of the same export only", async () => {
  for (const path of EXPORTS) assertEquals(await problemsOf("doc", "--lint", path), "");
});

Deno.test("the package can be published", async () => {
  assertEquals(await problemsOf("publish", "--dry-run", "--allow-dirty"), "");
});

Deno.test("no module of the package imports a name of the project's import map", () => {
  const names = Object.keys(CONFIG.imports);
  for (const path of modulesIn("lib")) {
    for (
      const [, name = ""] of Deno.readTextFileSync(path).matchAll(/^(?!.*\*).*from "([^"]*)"/gm)
    ) {
      assert(!names.includes(name), `${path} imports "${name}"`);
    }
  }
});

Deno.test("every task has a description", () => {
  for (const [name, task] of Object.entries(CONFIG.tasks)) {
    const { description, command } = task as { description?: string; command?: string };
    assert(typeof command === "string", name);
    assert((description ?? "").length > 0, name);
  }
});

function* modulesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesIn(path);
    else if (path.endsWith(".ts")) yield path;
  }
}
