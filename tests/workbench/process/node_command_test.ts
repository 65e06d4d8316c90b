import { assertEquals, assertThrows } from "std/testing";
import { StartError } from "../../../lib/workbench/mod.ts";
import { findNodeCommand } from "../../../lib/workbench/process/node_command.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";

async function write(file: string, text: string, mode = 0o755): Promise<string> {
  await Deno.writeTextFile(file, text);
  await Deno.chmod(file, mode);
  return file;
}

Deno.test("a script with a Deno shebang runs with this Deno, not the one in the PATH", async () => {
  await inTemporaryFolder(async (folder) => {
    const deno = Deno.execPath();
    const lines: Readonly<Record<string, string[]>> = {
      "#!/usr/bin/env -S deno run": ["run"],
      "#!/usr/bin/env -S deno run --allow-read=. --no-lock": ["run", "--allow-read=.", "--no-lock"],
      "#! /usr/bin/env -S  deno  run ": ["run"],
    };
    for (const [line, words] of Object.entries(lines)) {
      const file = await write(`${folder}/a node.ts`, `${line}\nconsole.log();\n`);
      assertEquals(findNodeCommand(file, ["-x"]), { command: deno, args: [...words, file, "-x"] });
    }
  }, "with space ");
});

Deno.test("other programs run directly, with links resolved", async () => {
  await inTemporaryFolder(async (folder) => {
    for (
      const text of ["#!/usr/bin/env python3\n", "#!/usr/bin/env -S denox run\n", "\x7fELF", ""]
    ) {
      const file = await write(`${folder}/node`, text);
      await Deno.symlink(file, `${folder}/link`);
      assertEquals(findNodeCommand(`${folder}/link`, ["a b"]), { command: file, args: ["a b"] });
      await Deno.remove(`${folder}/link`);
    }
  }, "with space ");
});

Deno.test("a .ts file that is not executable runs with this Deno; other such files are rejected", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = await write(`${folder}/node.ts`, "", 0o644);
    assertEquals(findNodeCommand(file, []), { command: Deno.execPath(), args: ["run", file] });
    const other = await write(`${folder}/node.py`, "", 0o644);
    assertThrows(() => findNodeCommand(other, []), StartError, "chmod +x");
    assertThrows(() => findNodeCommand(`${file}/deeper`, []), StartError, "no such file");
    assertThrows(() => findNodeCommand(folder, []), StartError, "is a folder");
  }, "with space ");
});
