import { assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { loadProgram } from "../../../lib/workbench/sim/load_program.ts";
import { SimHarness } from "./sim_harness.ts";

/** Calls `use` with the path of a temporary file. */
async function withFile<T>(name: string, text: string, use: (path: string) => Promise<T>) {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/${name}`, text);
    return await use(`${folder}/${name}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function loadError(name: string, text: string): Promise<string> {
  const error = await withFile(name, text, (path) => assertRejects(() => loadProgram(path)));
  assertEquals(error instanceof StartError, true, String(error));
  return (error as StartError).message;
}

Deno.test("loadProgram returns the default export, which runs as a node", async () => {
  const program = await loadProgram(new URL("../../../nodes/echo.ts", import.meta.url).pathname);
  const sim = new SimHarness(program);
  await sim.run(async () => {
    const node = sim.start();
    sim.request(node, { type: "echo", echo: [1], msg_id: 2 });
    await sim.advance(1);
  });
  assertEquals(sim.messages[1]?.body, { type: "echo_ok", echo: [1], in_reply_to: 2 });
});

Deno.test("loadProgram waits for timers that a module awaits while it is imported", async () => {
  const text = `await new Promise((resolve) => setTimeout(resolve, 2));
    const never = setTimeout(() => Deno.exit(1), 1);
    clearTimeout(never);
    await new Promise((resolve) => setTimeout(resolve, 5));
    export default function (node) { node.on("x", () => ({ type: "x_ok" })); }`;
  assertEquals(typeof await withFile("timers.js", text, loadProgram), "function");
});

Deno.test("loadProgram accepts a path with spaces and special characters", async () => {
  const text = "export default function (node) { node.on('x', () => ({ type: 'x_ok' })); }";
  const program = await withFile("a node #1 %20?.js", text, loadProgram);
  assertEquals(typeof program, "function");
});

Deno.test("loadProgram rejects a file without a node function and names the remedy", async () => {
  assertStringIncludes(await loadError("echo.py", "print()"), "--engine process runs any program");
  assertStringIncludes(await loadError("a.ts", "export const x = 1;"), "has no default export");
  assertStringIncludes(await loadError("b.ts", "export default 7;"), "that is not a function");
  assertStringIncludes(await loadError("c.ts", "throw new Error('planted');"), "planted");
  assertStringIncludes(await loadError("d.ts", "export default function {"), "cannot be imported");
});

Deno.test("loadProgram rejects a module that calls Deno.exit() when it is imported", async () => {
  const message = await loadError("e.ts", "Deno.exit(0);");
  assertStringIncludes(message, "calls Deno.exit(0) when it is imported");
  assertStringIncludes(message, "if (import.meta.main)");
});

Deno.test("loadProgram rejects a missing file and a folder", async () => {
  assertStringIncludes(
    (await assertRejects(() => loadProgram("/nowhere/echo.ts"), StartError)).message,
    "no such file",
  );
  assertStringIncludes(
    (await assertRejects(() => loadProgram(import.meta.dirname ?? "/"), StartError)).message,
    "is a folder",
  );
});
