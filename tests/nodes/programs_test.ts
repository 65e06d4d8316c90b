import { assert } from "std/testing";

Deno.test("every node is an executable file that starts with deno run", () => {
  for (const { name } of Deno.readDirSync("nodes")) {
    const path = `nodes/${name}`;
    const { mode } = Deno.statSync(path);
    assert(mode === null || (mode & 0o111) === 0o111, `${path} is not executable`);
    assert(Deno.readTextFileSync(path).startsWith("#!/usr/bin/env -S deno run\n"), path);
  }
});
