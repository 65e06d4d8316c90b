import { assertEquals, assertStringIncludes } from "std/testing";
import { NetStatistics } from "../../lib/check/mod.ts";
import { analyse } from "../../lib/workbench/analysis.ts";
import type { MaelstromReaction, NodeProblem } from "../../lib/workbench/cluster.ts";
import { DEFAULT_OPTIONS } from "../../lib/workload/mod.ts";
import { workloads } from "../../lib/testing/mod.ts";

const history = [
  { index: 0, time: 0, type: "invoke", process: 0, f: "echo", value: "a" },
  { index: 1, time: 1, type: "ok", process: 0, f: "echo", value: { type: "echo_ok", echo: "a" } },
] as const;

function judge(problems: readonly NodeProblem[]) {
  return analyse({
    history,
    problems,
    options: { ...DEFAULT_OPTIONS, seed: "s7" },
    workload: workloads.echo,
    now: () => 0,
  });
}

function output(...reactions: readonly MaelstromReaction[]): NodeProblem[] {
  return reactions.map((inMaelstrom, index) => ({
    inMaelstrom,
    node: `n${index}`,
    line: "oops",
    problem: "planted",
  }));
}

Deno.test("nodes without a problem are valid", () => {
  const results = judge([]);
  assertEquals([results["valid?"], results.nodes], [true, { "valid?": true }]);
});

Deno.test("the workload's checker and the message counts are part of the results", () => {
  const net = new NetStatistics();
  net.send(0, "n0", "n1");
  const wrong = [history[0], { ...history[1], value: { type: "echo_ok", echo: "b" } }];
  const options = DEFAULT_OPTIONS;
  const input = { net, options, workload: workloads.echo, now: () => 0 };
  const results = analyse({ ...input, history: wrong });
  assertEquals([results["valid?"], results.workload["valid?"]], [false, false]);
  assertEquals(results.net?.servers["msg-count"], 1);
  assertEquals(analyse({ ...input, history })["valid?"], true);
});

Deno.test("malformed output is invalid; Maelstrom's verdict follows from what it does with the line", () => {
  const cases: readonly (readonly [NodeProblem[], unknown, string])[] = [
    [output("accepted"), true, "Maelstrom accepts this line"],
    [output("output-ends"), "unknown", "Maelstrom reads no further output of a node"],
    [output("init-fails"), undefined, "ends with exit code 255"],
    [output("accepted", "output-ends"), "unknown", "accepts"],
    [output("output-ends", "accepted"), "unknown", "no further output"],
    [output("accepted", "output-ends", "init-fails"), undefined, "accepts"],
  ];
  for (const [problems, maelstrom, text] of cases) {
    const results = judge(problems);
    assertEquals(results["valid?"], false);
    assertEquals(results["maelstrom-valid?"], maelstrom);
    assertEquals(results.nodes?.["maelstrom-valid?"], maelstrom);
    assertEquals([results.nodes?.["count"], results.nodes?.["problems"]], [
      problems.length,
      problems,
    ]);
    const [explanation] = results.nodes?.["explanations"] as [{ type: string; message: string }];
    assertEquals(explanation.type, "bad-output");
    assertStringIncludes(
      explanation.message,
      "Node n0 wrote invalid output to stdout: planted\n  oops",
    );
    assertStringIncludes(explanation.message, text);
  }
});

Deno.test("problems that Maelstrom cannot have are invalid here only, and are explained", () => {
  const cases: readonly (readonly [Partial<NodeProblem>, string])[] = [
    [{ type: "ambient-call" }, "Node n0 is not deterministic: planted\n  at oops"],
    [{ type: "invariant" }, "Node n0 ended the run with seed s7: planted\n  at oops"],
    [{ type: "no-restart" }, "Node n0 did not restart after it was killed: planted"],
    [{ line: "" }, "Node n0 wrote invalid output to stdout: planted\nOnly messages"],
  ];
  for (const [problem, text] of cases) {
    const results = judge([{ node: "n0", line: "oops", problem: "planted", ...problem }]);
    assertEquals([results["valid?"], results["maelstrom-valid?"]], [false, true]);
    const [explanation] = results.nodes?.["explanations"] as [{ message: string }];
    assertStringIncludes(explanation.message, text);
  }
});

Deno.test("an unexpected exit of a node is invalid and quotes its last lines", () => {
  const crash = { node: "n1", stdout: ["last words"], stderr: [] };
  const exits = [{ code: 3, signal: null }, { code: 139, signal: "SIGSEGV" }];
  const results = analyse({
    history,
    crashes: exits.map((exit) => ({ ...crash, exit })),
    options: DEFAULT_OPTIONS,
    workload: workloads.echo,
    now: () => 0,
  });
  assertEquals(results["valid?"], false);
  const texts = (results.crash?.["explanations"] as { message: string }[]).map(({ message }) =>
    message
  );
  assertStringIncludes(texts[0] ?? "", "Node n1 exited with status 3");
  assertStringIncludes(texts[1] ?? "", "was killed by SIGSEGV");
  assertStringIncludes(texts[0] ?? "", "last words");
  assertStringIncludes(texts[0] ?? "", "node-logs/n1.log");
});
