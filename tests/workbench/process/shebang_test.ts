import { assertEquals } from "std/testing";
import { shebangProblem } from "../../../lib/workbench/process/shebang.ts";

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
    "#!/usr/bin/env ruby": "The first line of x names ruby, which is not on the PATH.",
    "#!/usr/bin/env python3 -u": "The first line of x passes arguments to python3; expected " +
      "#!/usr/bin/env -S python3 -u.",
  };
  for (const [line, expected] of Object.entries(cases)) assertEquals(problem(line), expected);
});
