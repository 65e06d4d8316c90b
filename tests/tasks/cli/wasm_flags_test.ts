import { assertEquals, assertRejects, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { StartError } from "../../../lib/workbench/mod.ts";
import { findNodeCommand } from "../../../lib/workbench/process/node_command.ts";
import { chooseEngine } from "../../../tasks/cli/engine_choice.ts";
import { isGoSource, prepareProgram } from "../../../tasks/cli/prepare_program.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";

Deno.test("a WebAssembly module is simulated unless an engine is named", () => {
  assertEquals(chooseEngine({ bin: "node.wasm" }).engine, "sim");
  const { message } = assertThrows(
    () => chooseEngine({ bin: "node.wasm", engine: "maelstrom" }),
    UsageError,
  );
  assertEquals(message.includes("only --engine sim runs"), true, message);
});

Deno.test("the process engine refuses a WebAssembly module and names the remedy", async () => {
  await inTemporaryFolder((folder) => {
    const path = `${folder}/node.wasm`;
    Deno.writeTextFileSync(path, "");
    const { message } = assertThrows(() => findNodeCommand(path, []), StartError);
    assertEquals(message.includes("use --engine sim"), true, message);
    return Promise.resolve();
  });
});

Deno.test("Go source is a .go file or a folder with one; Maelstrom does not build it", async () => {
  assertEquals(isGoSource("examples/go/kafka"), true);
  assertEquals(isGoSource("examples/go/kafka/main.go"), true);
  assertEquals(isGoSource("examples"), false);
  assertEquals(isGoSource("nowhere"), false);
  assertThrows(
    () => chooseEngine({ bin: "examples/go/kafka", engine: "maelstrom" }),
    UsageError,
    "Go source",
  );
  await assertRejects(
    () => prepareProgram("nodes/echo.ts", "sim", "wasm_exec.js"),
    StartError,
    "--wasm-exec is for Go programs",
  );
});
