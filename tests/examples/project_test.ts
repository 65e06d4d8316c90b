import { assertEquals } from "std/testing";
import { runProcessTest } from "../support/run_process_test.ts";

/** Runs deno in the folder of the example project; returns its exit code and output. */
async function deno(...args: string[]): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: "examples/project",
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("the example project's own test passes with its own import map", async () => {
  // `deno task types` checks the types.
  const { code, output } = await deno("test", "--no-check", "--allow-read");
  assertEquals(code, 0, output);
});

Deno.test("the node of the example project runs as real processes", async () => {
  const { results } = await runProcessTest({
    bin: "examples/project/node.ts",
    nodeCount: 2,
    options: { workload: "g-set" },
    quiescenceMs: 1200,
  });
  assertEquals(results["valid?"], true);
});
