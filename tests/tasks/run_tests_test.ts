import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const TASK = new URL("../../tasks/run_tests.ts", import.meta.url).pathname;

async function runTests(folder: string): Promise<{ code: number; stdout: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-run", "--allow-env=NO_COLOR", TASK, "--no-check", folder],
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

Deno.test("the test task prints a count instead of the names of tests that passed", async () => {
  await inTemporaryFolder(async (folder) => {
    const tests = ["one", "two"].map((name) => `Deno.test("${name}", () => {});`);
    Deno.writeTextFileSync(`${folder}/a_test.ts`, tests.join("\n"));
    Deno.writeTextFileSync(`${folder}/b_test.ts`, `Deno.test.ignore("three", () => {});`);
    const { code, stdout } = await runTests(folder);
    assertEquals(code, 0);
    const lines = stdout.split("\n").filter((line) => !line.endsWith("tests passed"));
    assertEquals(lines.length, 2, stdout);
    assertStringIncludes(lines[0] ?? "", "ok | 2 passed | 0 failed | 1 ignored");
  });
});

Deno.test("the test task prints what a failed test says", async () => {
  await inTemporaryFolder(async (folder) => {
    const text = `Deno.test("good", () => {});
      Deno.test("bad", () => { throw new Error("the reason"); });`;
    Deno.writeTextFileSync(`${folder}/a_test.ts`, text);
    const { code, stdout } = await runTests(folder);
    assertEquals(code, 1);
    for (const part of ["bad ... FAILED", "the reason", "1 passed | 1 failed"]) {
      assertStringIncludes(stdout, part);
    }
    assert(!stdout.includes("good ... ok"), stdout);
  });
});
