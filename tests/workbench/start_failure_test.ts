import { assertEquals } from "std/testing";
import { type NodeHandle, NotReadyError, StartError } from "../../lib/workbench/engine.ts";
import { endedBeforeReply } from "../../lib/workbench/start_failure.ts";

function errorOf(code: number, stderr: readonly string[]): StartError {
  const handle = { exit: { code, signal: null }, lastLines: { stdout: [], stderr } };
  return endedBeforeReply("n1", "init", handle as unknown as NodeHandle);
}

const ENDED = "Node n1 ended with exit status 2 before it replied to init";

Deno.test("the error of a node that rejects its arguments begins with the node's reason", () => {
  const reason = 'unknown strategy "mesch"; choose one of mesh, flood';
  const firstLine = (stderr: readonly string[]) => errorOf(2, stderr).message.split("\n")[0];
  assertEquals(firstLine([reason]), `${ENDED}: ${reason}`);
  const usage = ["usage: node.py [-h]", "               [--rate R]", "node.py: error: bad --rate"];
  assertEquals(firstLine(usage), `${ENDED}: node.py: error: bad --rate`);
  assertEquals(firstLine(["usage: node.py [-h]"]), `${ENDED}: usage: node.py [-h]`);
});

Deno.test("a node that ends with another status, or in silence, must keep running", () => {
  for (const [code, stderr] of [[2, []], [1, ["a crash"]]] as const) {
    const error = errorOf(code, stderr);
    assertEquals(error.message.includes("to init. A node must keep running"), true);
    assertEquals(error instanceof NotReadyError, code === 1);
  }
});
