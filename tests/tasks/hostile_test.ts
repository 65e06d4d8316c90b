import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { fitLine } from "../../tasks/cli/console.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { runMaelstromTask } from "../support/run_task.ts";

const quick = ["--node-count", "1", "--time-limit", "1", "--rate", "20", "--log-stderr"];
/** Control characters other than line feeds, and characters that change the order of others. */
const CONTROLS = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

Deno.test("hostile text of a node stays text on the terminal and in the report page", async () => {
  await inTemporaryFolder(async (store) => {
    const bin = "tests/support/programs/attack.py";
    const args = ["test", "-w", "unique-ids", "--bin", bin, ...quick, "--store", store];
    const { code, stdout, stderr } = await runMaelstromTask(args);
    assertEquals(code, 1, stderr);
    const output = stdout + stderr;
    assertEquals(CONTROLS.exec(output)?.[0], undefined, output.slice(0, 2000));
    assertStringIncludes(output, "<script>alert(1)</script>");
    assertStringIncludes(output, "\\u001b[2J");
    assertMatch(output, /s: generate at n0 did not succeed: error temporarily-unavailable/);
    assert(output.split("\n").every((line) => line.length < 1000), "a line is too long");
    const page = await Deno.readTextFile(`${store}/latest/report.html`);
    assertEquals(page.includes("<script>alert(1)"), false, "a node's text is the page's markup");
    // The summary for a browser without JavaScript is the only place of a node's text.
    const [summary = "no summary"] = /<noscript>[^]*?<\/noscript>/.exec(page) ?? [];
    assertStringIncludes(summary, "&lt;script>alert(1)");
    assertEquals(CONTROLS.exec(summary)?.[0], undefined, summary);
    const description = /<meta name="description" content="[^"]*">/;
    assertEquals(page.replace(summary, "").replace(description, "").includes("alert(1)"), false);
    const checked = await runMaelstromTask(["check", `${store}/latest`]);
    assertEquals(CONTROLS.exec(checked.stdout + checked.stderr)?.[0], undefined);
  });
});

Deno.test("a status line is never longer than the terminal is wide", () => {
  assertEquals(fitLine("running", 8), "running");
  assertEquals(fitLine("running", 7), "runni…");
  assertEquals(fitLine("ab\u{1f600}cdef", 5), "ab\u{1f600}…");
  assertEquals(fitLine("running", 0), "…");
});

Deno.test("a folder for results that cannot be made ends in a sentence and 255", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const args = ["-w", "echo", "--bin", "nodes/echo.ts", "--engine", "sim", "--time-limit", "1"];
    const { code, stderr } = await runMaelstromTask(["test", ...args, "--store", `${folder}/file`]);
    assertEquals(code, 255, stderr);
    assertMatch(stderr, /^cannot create a folder for results in .*\/file: .*\n$/);
  });
});

Deno.test("a full disk ends in a sentence and 255, and keeps what was recorded", async () => {
  await inTemporaryFolder(async (store) => {
    const flags = ["-w", "echo", "--bin", "nodes/echo.ts", "--engine", "sim", "--rate", "500"];
    const args = ["test", ...flags, "--time-limit", "10", "--store", store];
    const script = `trap "" XFSZ; ulimit -f 300; exec "$@"`;
    const deno = ["run", "--quiet", "--allow-all", "tasks/maelstrom.ts", ...args];
    const { code, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, "bash", Deno.execPath(), ...deno],
      env: { NO_COLOR: "1", MAELSTROM: "" },
    }).output();
    const text = new TextDecoder().decode(stderr);
    assertEquals(code, 255, text);
    assertMatch(text, /^cannot write .*\.jsonl: .*\nThe run ended early\. What was recorded/);
    assertEquals(/\n\s+at /.test(text), false, text);
    const history = await Deno.readTextFile(`${store}/latest/history.jsonl`);
    assert(history.length > 1000);
  });
});
