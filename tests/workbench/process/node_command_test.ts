import { assertEquals, assertThrows } from "std/testing";
import { StartError } from "../../../lib/workbench/mod.ts";
import { findNodeCommand } from "../../../lib/workbench/process/node_command.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { withProperty } from "../../support/with_property.ts";

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

Deno.test("permissions are added for a Deno program only", async () => {
  await inTemporaryFolder(async (folder) => {
    const net = ["--allow-net=127.0.0.1:4222"];
    const command = Deno.execPath();
    const script = await write(`${folder}/a.ts`, "#!/usr/bin/env -S deno run --allow-read\n");
    assertEquals(findNodeCommand(script, ["-x"], net), {
      command,
      args: ["run", "--allow-read", ...net, script, "-x"],
    });
    const plain = await write(`${folder}/b.ts`, "", 0o644);
    assertEquals(findNodeCommand(plain, ["-x"], net), {
      command,
      args: ["run", ...net, plain, "-x"],
    });
    const other = await write(`${folder}/c`, "#!/bin/sh\n");
    assertEquals(findNodeCommand(other, ["-x"], net), { command: other, args: ["-x"] });
  });
});

Deno.test("a program that only its group or others may execute runs directly", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const mode of [0o744, 0o654, 0o645]) {
      const file = await write(`${folder}/node`, "#!/bin/sh\n", mode);
      assertEquals(findNodeCommand(file, []), { command: file, args: [] });
    }
  });
});

Deno.test("a system without file modes runs a program directly", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = await write(`${folder}/node`, "", 0o644);
    const info = { ...Deno.statSync(file), mode: null };
    await withProperty(Deno, "statSync", () => info, () => {
      assertEquals(findNodeCommand(file, []), { command: file, args: [] });
    });
  });
});

Deno.test("a WebAssembly module is rejected with the engine that runs it", async () => {
  await inTemporaryFolder(async (folder) => {
    const file = await write(`${folder}/node.wasm`, "\0asm\x01\0\0\0");
    assertThrows(() => findNodeCommand(file, []), StartError, "use --engine sim");
  });
});

Deno.test("a path that cannot be reached is rejected, and an unexpected error is not renamed", async () => {
  await inTemporaryFolder(async (folder) => {
    const deny = () => {
      throw new Deno.errors.PermissionDenied("planted");
    };
    await withProperty(Deno, "realPathSync", deny, () => {
      assertThrows(
        () => findNodeCommand("x", []),
        StartError,
        "--bin x cannot be reached: planted",
      );
    });
    await Deno.symlink(`${folder}/loop`, `${folder}/loop`);
    assertThrows(() => findNodeCommand(`${folder}/loop`, []), Deno.errors.FilesystemLoop);
  });
});
