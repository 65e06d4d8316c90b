import { assertEquals } from "std/testing";
import { checkCrashes } from "../../lib/check/mod.ts";

Deno.test("crash: a run without crashed nodes is valid", () => {
  assertEquals(checkCrashes([]), { "valid?": true });
});

Deno.test("crash: a crashed node makes a run invalid; its last lines are shown", () => {
  const stderr = Array.from({ length: 40 }, (_, line) => `line ${line}`);
  const verdict = checkCrashes([
    { node: "n0", exit: 3, stdout: [], stderr, log: "store/echo/node-logs/n0.log" },
  ]);
  assertEquals(verdict["valid?"], false);
  const [crash] = verdict["crashes"] as { stderr: string[]; exit: number; log: string }[];
  assertEquals([crash?.exit, crash?.stderr], [3, stderr.slice(8)]);
  assertEquals(crash?.log, "store/echo/node-logs/n0.log");
  const [{ message }] = verdict["explanations"] as [{ message: string }];
  assertEquals(message.split("\n").slice(0, 4), [
    "Node n0 exited with status 3 before the end of the test.",
    "It wrote nothing to stdout.",
    "Last lines of stderr:",
    "  line 8",
  ]);
  assertEquals(message.endsWith("Its whole stderr is in store/echo/node-logs/n0.log."), true);
});

Deno.test("crash: the message names the signal that killed a node", () => {
  const verdict = checkCrashes([{ node: "n1", exit: "SIGSEGV", stdout: ["{"], stderr: [] }]);
  const [{ message }] = verdict["explanations"] as [{ message: string }];
  assertEquals(verdict["crashes"], [{ node: "n1", exit: "SIGSEGV", stdout: ["{"], stderr: [] }]);
  assertEquals(
    message.startsWith("Node n1 was killed by SIGSEGV before the end of the test."),
    true,
  );
});
