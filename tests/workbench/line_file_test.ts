import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { LineFile } from "../../lib/workbench/line_file.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const fail = (path: string, error: Error) => {
  throw new Error(`${path}: ${error.message}`);
};

Deno.test("a line is written from strings and bytes, in order", async () => {
  await inTemporaryFolder((folder) => {
    const file = new LineFile(`${folder}/a`, fail);
    const bytes = new TextEncoder().encode("b".repeat(100_000));
    file.write("a");
    file.write("<", bytes, ">");
    file.write();
    file.close();
    file.close();
    file.write("too late");
    assertEquals(Deno.readTextFileSync(`${folder}/a`), `a\n<${"b".repeat(100_000)}>\n\n`);
  });
});

Deno.test("a large block is in the file before the file is closed", async () => {
  await inTemporaryFolder((folder) => {
    const file = new LineFile(`${folder}/a`, fail);
    for (let line = 0; line < 10_000; line++) file.write("x".repeat(20));
    const { size } = Deno.statSync(`${folder}/a`);
    assert(size > 100_000, `${size} bytes`);
    file.close();
  });
});

Deno.test("a file that cannot be created is reported once, and ignores its lines", () => {
  const failures: string[] = [];
  const file = new LineFile("/dev/null/a", (path, { message }) => failures.push(path, message));
  file.write("x".repeat(100_000));
  file.close();
  assertEquals(failures.length, 2);
  assertEquals(failures[0], "/dev/null/a");
});

Deno.test({
  name: "a full disk is reported once, and never thrown",
  ignore: Deno.build.os !== "linux",
  async fn() {
    // A process of its own, since devices need all permissions, which the tests do not have.
    const { href } = new URL("../../lib/workbench/line_file.ts", import.meta.url);
    const program = `
      import { LineFile } from ${JSON.stringify(href)};
      const failures = [];
      const file = new LineFile("/dev/full", (_path, { message }) => failures.push(message));
      for (let line = 0; line < 3; line++) file.write("x".repeat(100_000));
      file.close();
      console.log(JSON.stringify(failures));
    `;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", program] })
      .output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(text === "", false, new TextDecoder().decode(stderr));
    const failures: string[] = JSON.parse(text);
    assertEquals(failures.length, 1);
    assertStringIncludes(failures[0] as string, "No space left");
  },
});
