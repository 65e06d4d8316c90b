import { assertEquals, assertThrows } from "std/testing";
import {
  firstLine,
  installedPrograms,
  shebangProblem,
} from "../../../lib/workbench/process/shebang.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { withProperty } from "../../support/with_property.ts";

const programs = {
  exists: (path: string) => ["/usr/bin/env", "/bin/sh"].includes(path),
  isOnPath: (name: string) => ["python3", "node"].includes(name),
};
const problem = (line: string) => shebangProblem("x", line, programs);

Deno.test("a correct first line, and that of a compiled program, has no problem", () => {
  const lines = [
    "#!/usr/bin/env python3",
    "#! /usr/bin/env python3",
    "#!/usr/bin/env -S node --trace-warnings",
    "#!/usr/bin/env -S A=1 python3",
    "#!/usr/bin/env A=1 python3",
    "#!/usr/bin/env -i python3",
    "#!/usr/bin/env",
    "#!/bin/sh -e",
    "\x7fELF\u0002",
    "MZ\0",
    "",
  ];
  for (const line of lines) assertEquals(problem(line), undefined, line);
});

Deno.test("each mistake in a first line is named", () => {
  const python3 = " This system has python3: write #!/usr/bin/env python3.";
  const cases: Readonly<Record<string, string>> = {
    "import sys":
      'The first line of x is "import sys", not a shebang such as #!/usr/bin/env python3.',
    "# !/usr/bin/env python3":
      'The first line of x is "# !/usr/bin/env python3": it has spaces or other characters before ' +
      "or in #!, and must begin with #!, such as #!/usr/bin/env python3.",
    "\ufeff#!/usr/bin/env python3":
      'The first line of x is "\ufeff#!/usr/bin/env python3": it has a byte order mark before ' +
      "or in #!, and must begin with #!, such as #!/usr/bin/env python3.",
    "#!/usr/bin/env python3\r":
      "The first line of x ends in a carriage return (Windows line ends). Remove them with: " +
      "sed -i 's/\\r$//' x",
    "#!": 'The first line of x is "#!"; expected a program in it.',
    "#!python3": "The first line of x names python3 without a folder; expected " +
      "#!/usr/bin/env python3.",
    "#!/usr/bin/python":
      `The first line of x names /usr/bin/python, which does not exist.${python3}`,
    "#!/usr/bin/env python":
      `The first line of x names python, which is not on the PATH.${python3}`,
    "#!/opt/pythonic": "The first line of x names /opt/pythonic, which does not exist.",
    "#!/usr/bin/env -S ruby -w": "The first line of x names ruby, which is not on the PATH.",
    "#!/usr/bin/env ruby": "The first line of x names ruby, which is not on the PATH.",
    "#!/usr/bin/env python3 -u": "The first line of x passes arguments to python3; expected " +
      "#!/usr/bin/env -S python3 -u.",
  };
  for (const [line, expected] of Object.entries(cases)) assertEquals(problem(line), expected);
});

Deno.test("python3 is not recommended to a system without it", () => {
  const without = { ...programs, isOnPath: () => false };
  assertEquals(
    shebangProblem("x", "#!/usr/bin/env python", without),
    "The first line of x names python, which is not on the PATH.",
  );
});

Deno.test("an unreadable first line has no problem", () => {
  assertEquals(shebangProblem("x", undefined, programs), undefined);
});

Deno.test("the first line of a program ends at its line end, at 256 bytes, or with the program", async () => {
  await inTemporaryFolder((folder) => {
    const file = `${folder}/node`;
    const texts: Readonly<Record<string, string>> = {
      "#!/bin/sh\necho\n": "#!/bin/sh",
      "#!/bin/sh": "#!/bin/sh",
      "\n#!/bin/sh": "",
      "": "",
      "\ufeff#!/bin/sh\n": "\ufeff#!/bin/sh",
      [`#!${"x".repeat(300)}\n`]: `#!${"x".repeat(254)}`,
    };
    for (const [text, line] of Object.entries(texts)) {
      Deno.writeTextFileSync(file, text);
      assertEquals(firstLine(file), line);
    }
  });
});

Deno.test("a program that is missing or not readable has no first line; other errors are thrown", async () => {
  assertEquals(firstLine("/no/such/program"), undefined);
  const failWith = (error: Error) => (): Deno.FsFile => {
    throw error;
  };
  const { PermissionDenied, Busy } = Deno.errors;
  await withProperty(Deno, "openSync", failWith(new PermissionDenied()), () => {
    assertEquals(firstLine("/bin/sh"), undefined);
  });
  await withProperty(Deno, "openSync", failWith(new Busy()), () => {
    assertThrows(() => firstLine("/bin/sh"), Busy);
  });
});

Deno.test("the installed programs are files; those on the PATH are found by name", async () => {
  await inTemporaryFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/a`);
    Deno.mkdirSync(`${folder}/b/tools`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/b/ruby`, "");
    const { exists, isOnPath } = installedPrograms;
    assertEquals([exists(`${folder}/b/ruby`), exists(`${folder}/b`), exists(`${folder}/c`)], [
      true,
      false,
      false,
    ]);
    const environment = { PATH: `${folder}/a:${folder}/b` } as Readonly<Record<string, string>>;
    await withProperty(Deno.env, "get", (name) => environment[name], () => {
      assertEquals(["ruby", "tools", "python"].map(isOnPath), [true, false, false]);
    });
    await withProperty(Deno.env, "get", () => undefined, () => {
      assertEquals(isOnPath("ruby"), false);
    });
  });
});
