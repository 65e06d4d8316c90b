import { assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { loadProgram } from "../../../lib/workbench/sim/load_program.ts";
import { SimHarness } from "./sim_harness.ts";

/** Writes a module, gives its path to a function, and removes it. */
async function withFile<T>(name: string, text: string, use: (path: string) => Promise<T>) {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
    return await use(`${folder}/${name}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function refusal(name: string, text: string): Promise<string> {
  const error = await withFile(name, text, (path) => assertRejects(() => loadProgram(path)));
  assertEquals(error instanceof StartError, true, String(error));
  return (error as StartError).message;
}

Deno.test("a node's module gives its default export, which then runs", async () => {
  const program = await loadProgram(new URL("../../../nodes/echo.ts", import.meta.url).pathname);
  const stage = new SimHarness(program);
  await stage.run(async () => {
    const node = stage.start();
    stage.request(node, { type: "echo", echo: [1], msg_id: 2 });
    await stage.advance(1);
  });
  assertEquals(stage.messages[1]?.body, { type: "echo_ok", echo: [1], in_reply_to: 2 });
});

Deno.test("a path with blanks and signs in it is a path", async () => {
  const text = "export default function (node) { node.on('x', () => ({ type: 'x_ok' })); }";
  const program = await withFile("a node #1 %20?.js", text, loadProgram);
  assertEquals(typeof program, "function");
});

Deno.test("what is no module, has no function, or cannot be imported, is refused with what to do", async () => {
  assertStringIncludes(await refusal("echo.py", "print()"), "--engine process runs any program");
  assertStringIncludes(await refusal("a.ts", "export const x = 1;"), "has no default export");
  assertStringIncludes(await refusal("b.ts", "export default 7;"), "that is no function");
  assertStringIncludes(await refusal("c.ts", "throw new Error('planted');"), "planted");
  assertStringIncludes(await refusal("d.ts", "export default function {"), "cannot be imported");
});

Deno.test("a module that ends the process when it is imported is told from one that serves when asked", async () => {
  const message = await refusal("e.ts", "Deno.exit(0);");
  assertStringIncludes(message, "asks this process to exit with 0");
  assertStringIncludes(message, "if (import.meta.main)");
});

Deno.test("a missing file and a folder are named", async () => {
  assertStringIncludes(
    (await assertRejects(() => loadProgram("/nowhere/echo.ts"), StartError)).message,
    "there is no such file",
  );
  assertStringIncludes(
    (await assertRejects(() => loadProgram(import.meta.dirname ?? "/"), StartError)).message,
    "is a folder",
  );
});
