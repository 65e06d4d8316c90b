import { assert } from "std/testing";

Deno.test("every node is an executable file that starts with deno run", () => {
  for (const { name } of Deno.readDirSync("nodes")) {
    const path = `nodes/${name}`;
    const { mode } = Deno.statSync(path);
    assert(mode === null || (mode & 0o111) === 0o111, `${path} is not executable`);
    const [first = "", ...lines] = Deno.readTextFileSync(path).split("\n");
    // A node that persists asks for its folder, and for nothing else.
    const folder = lines.some((line) => /\bpersists:/.test(line))
      ? " --allow-read=storage --allow-write=storage"
      : "";
    assert(first === `#!/usr/bin/env -S deno run${folder}`, path);
  }
});
