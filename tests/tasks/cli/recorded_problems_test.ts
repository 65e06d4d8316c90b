import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { MalformedHistoryError } from "../../../lib/history/mod.ts";
import { problemsInLog, problemsInResults } from "../../../tasks/cli/recorded_problems.ts";
import { readRun } from "../../../tasks/cli/recorded_run.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { runMaelstromTask } from "../../support/run_task.ts";

const MAELSTROM_LOG = `INFO [main] jepsen.core: Test crashed!
clojure.lang.ExceptionInfo: Node n1 crashed with exit status 3. Before crashing, it wrote to STDOUT:

{"src":"n1"}
{"src":"n1","dest":"c2"}

And to STDERR:

Traceback
KeyError

Full STDERR logs are available in /tmp/store/node-logs/n1.log
WARN [n0 stdout] maelstrom.process: Error!
clojure.lang.ExceptionInfo: Node n0 printed a line to STDOUT which was not well-formed JSON:
hello
Did you mean to encode this line as JSON? Or was this line intended for STDERR?
clojure.lang.ExceptionInfo: Malformed network message. Node n2 tried to send the following message via STDOUT:

{:dest "n0"}

This is malformed because:

{:src missing-required-key}

See doc/protocol.md for more guidance.
`;

Deno.test("the log of the real Maelstrom holds crashes and malformed output, each once", () => {
  const { crashes, problems } = problemsInLog(MAELSTROM_LOG + MAELSTROM_LOG);
  assertEquals(crashes, [{
    node: "n1",
    exit: { code: 3, signal: null },
    stdout: ['{"src":"n1"}', '{"src":"n1","dest":"c2"}'],
    stderr: ["Traceback", "KeyError"],
  }]);
  assertEquals(problems, [
    { node: "n0", line: "hello", problem: "not well-formed JSON" },
    { node: "n2", line: '{:dest "n0"}', problem: "not a message: {:src missing-required-key}" },
  ]);
  assertEquals(problemsInLog("INFO nothing\n"), { crashes: [], problems: [] });
});

Deno.test("results without crashes and problems have empty lists; other files none", () => {
  const valid = '{"valid?":true,"nodes":{"valid?":true},"crash":{"valid?":true}}';
  assertEquals(problemsInResults(valid, "r"), { problems: [], crashes: [] });
  assertEquals(problemsInResults('{"valid?":true}', "r"), {});
  for (const broken of ['{"val', "[]", '{"crash":{"crashes":[{"node":"n0"}]}}']) {
    assertThrows(() => problemsInResults(broken, "results.json"), MalformedHistoryError);
  }
});

Deno.test("a signal and an exit status of a crash are read as they were", () => {
  const crash = (exit: string) =>
    `{"crash":{"valid?":false,"crashes":[` +
    `{"node":"n0","exit":${exit},"stdout":[],"stderr":["e"],"log":"node-logs/n0.log"}]}}`;
  const exitOf = (text: string) => problemsInResults(text, "r").crashes?.[0]?.exit;
  assertEquals(exitOf(crash("3")), { code: 3, signal: null });
  assertEquals(exitOf(crash('"SIGKILL"')), { code: -1, signal: "SIGKILL" });
});

Deno.test("a history without a log is read without crashes; Maelstrom's exit code counts", async () => {
  const history = "{:index 0, :time 0, :type :invoke, :process 0, :f :echo, :value 1}\n";
  await inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/history.edn`, history);
    const crashes = () => readRun(folder, { workload: "echo" }).recorded.crashes?.length;
    assertEquals(crashes(), undefined);
    Deno.writeTextFileSync(`${folder}/options.json`, '{"exit":255,"flags":{},"workload":"echo"}');
    assertEquals(crashes(), 1);
    Deno.writeTextFileSync(`${folder}/results.edn`, "{:valid? true}");
    assertEquals(crashes(), undefined);
    Deno.writeTextFileSync(`${folder}/jepsen.log`, MAELSTROM_LOG);
    assertEquals(crashes(), 1);
  });
});

Deno.test("a check repeats that a node crashed and wrote malformed output in the run", async () => {
  const node = `const log = (m) => console.log(JSON.stringify(m));
let count = 0;
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  for (const line of chunk.split("\\n").filter((line) => line !== "")) {
    const { src, dest, body } = JSON.parse(line);
    if (++count === 4) console.log("not a message");
    if (count === 8) Deno.exit(3);
    log({ src: dest, dest: src, body: { ...body, type: body.type + "_ok", in_reply_to: body.msg_id } });
  }
}
`;
  await inTemporaryFolder(async (folder) => {
    const bin = `${folder}/node.js`;
    await Deno.writeTextFile(bin, `#!/usr/bin/env -S deno run --quiet\n${node}`, { mode: 0o755 });
    const flags = ["--node-count", "1", "--time-limit", "1", "--rate", "20", "--engine", "process"];
    const command = ["test", "-w", "echo", "--bin", bin, "--store", `${folder}/store`, ...flags];
    const run = await runMaelstromTask(command);
    const check = await runMaelstromTask(["check", `${folder}/store/latest`]);
    assertEquals([run.code, check.code], [255, 255], check.stdout + check.stderr);
    for (const { stdout } of [run, check]) {
      assertStringIncludes(stdout, "Node n0 exited with status 3");
      assertStringIncludes(stdout, "Node n0 wrote invalid output to stdout");
    }
  });
});
