import { assertEquals } from "std/testing";
import { checkCrashes } from "../../lib/check/mod.ts";

Deno.test("crash: a run whose nodes all live is valid", () => {
  assertEquals(checkCrashes([]), { "valid?": true });
});

Deno.test("crash: a dead node makes a run invalid and shows its last words", () => {
  const stderr = Array.from({ length: 40 }, (_, line) => `line ${line}`);
  const verdict = checkCrashes([
    { node: "n0", exit: 3, stdout: [], stderr, log: "store/echo/node-logs/n0.log" },
  ]);
  assertEquals(verdict["valid?"], false);
  const [crash] = verdict["crashes"] as { stderr: string[]; exit: number }[];
  assertEquals([crash?.exit, crash?.stderr], [3, stderr.slice(8)]);
  const [{ message }] = verdict["explanations"] as [{ message: string }];
  assertEquals(message.split("\n").slice(0, 4), [
    "Node n0 exited with status 3 before the test was over.",
    "It wrote nothing to stdout.",
    "The last it wrote to stderr:",
    "  line 8",
  ]);
  assertEquals(message.endsWith("All of its stderr is in store/echo/node-logs/n0.log."), true);
});

Deno.test("crash: a node ended by a signal is told so", () => {
  const verdict = checkCrashes([{ node: "n1", exit: "SIGSEGV", stdout: ["{"], stderr: [] }]);
  const [{ message }] = verdict["explanations"] as [{ message: string }];
  assertEquals(message.startsWith("Node n1 was ended by SIGSEGV before the test was over."), true);
});
