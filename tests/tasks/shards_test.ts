import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { isJsonObject, parseJson } from "../../lib/base/mod.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const decoder = new TextDecoder();

function command(task: string, args: readonly string[]): Deno.Command {
  const allow = ["--allow-read", "--allow-write", "--allow-env=NO_COLOR"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...allow, `tasks/${task}.ts`, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(task: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await command(task, args).output();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const FAULTY = "tests/support/explore_nodes/fire_and_forget_broadcast.ts";

function linesOf(path: string): string[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n");
}

function seedLines(paths: readonly string[]): string[] {
  return paths.flatMap(linesOf).filter((line) => line.startsWith('{"seed":')).sort();
}

Deno.test("merged shards of a faulty node equal one run of the same seeds, byte for byte", () =>
  inTemporaryFolder(async (folder) => {
    const explore = (report: string, ...args: string[]) =>
      run(
        "explore",
        ...["broadcast", "--bin", FAULTY, "--nemesis", "partition,loss", "--seeds", "14"],
        ...["--time-limit", "2", "--shrink-runs", "20", "--store", folder],
        ...["--report", `${folder}/reports/${report}.jsonl`, ...args],
      );
    const whole = await explore("whole", "--keep-going");
    assertEquals(whole.code, 1, whole.stderr);
    const names = ["1", "2", "3"];
    for (const name of names) await explore(name, "--shard", `${name}/3`, "--jobs", "1");
    const paths = names.map((name) => `${folder}/reports/${name}.jsonl`);
    assertEquals(seedLines(paths), seedLines([`${folder}/reports/whole.jsonl`]));
    const merge = (...args: string[]) => run("explore", "merge", ...args);
    const one = await merge(`${folder}/reports/whole.jsonl`);
    const outputs = ["--junit", `${folder}/junit.xml`, "--summary", `${folder}/summary.md`];
    const extras = ["--cases", `${folder}/cases`, "--ledger", `${folder}/ledger.jsonl`];
    const three = await merge(...paths, ...outputs, ...extras);
    assertEquals([one.code, three.code, one.stderr, three.stderr], [1, 1, "", ""]);
    assert(three.stdout.startsWith(one.stdout), three.stdout);
    assertStringIncludes(one.stdout, "seeds 0 to 13");
    assertStringIncludes(Deno.readTextFileSync(`${folder}/junit.xml`), "<failure message=");
    assertStringIncludes(Deno.readTextFileSync(`${folder}/summary.md`), "| Failure | First seed |");

    const replay = /deno task replay (\S+)/.exec(three.stdout)?.[1] ?? "";
    const replayed = await run("replay", replay, "--store", folder);
    assertEquals(replayed.code, 1, replayed.stderr);
    assert(!replayed.stdout.includes("expected the recorded failure"), replayed.stdout);
    const shown = await run(
      "ledger",
      "--ledger",
      `${folder}/ledger.jsonl`,
      "--page",
      `${folder}/l.html`,
    );
    assertEquals(shown.code, 1, shown.stderr);
    assertStringIncludes(shown.stdout, `fails   broadcast ${FAULTY}: `);
    assertStringIncludes(Deno.readTextFileSync(`${folder}/l.html`), "known cases fail.");

    const missing = await merge(...paths.slice(1));
    assertStringIncludes(missing.stderr, "incomplete: no report of shard 1 of 3");
    assertEquals(missing.code, 1, "the failures of the other shards decide");
  }));

Deno.test("a time limit ends a run without a failure, and says which seeds it explored", () =>
  inTemporaryFolder(async (folder) => {
    const report = `${folder}/r.jsonl`;
    const args = ["echo", "--for", "1s", "--time-limit", "1", "--rate", "5", "--report", report];
    const { code, stdout, stderr } = await run("explore", ...args, "--shard", "2/2");
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "seeds 0 and up, shard 2/2, for 1 s");
    const lines = linesOf(report);
    assertMatch(lines.at(-1) ?? "", /^\{"end":"time limit","seconds":/);
    const seeds = lines.slice(1, -1).map((line) => {
      const report = parseJson(line);
      return isJsonObject(report) ? report.seed : undefined;
    });
    assertEquals(seeds, seeds.map((_, index) => 1 + 2 * index));
    const merged = await run("explore", "merge", report);
    assertEquals(merged.code, 2, "shard 1 is missing");
  }));

Deno.test("Ctrl-C keeps what was recorded", () =>
  inTemporaryFolder(async (folder) => {
    const report = `${folder}/r.jsonl`;
    const args = ["echo", "--seeds", "100000", "--rate", "5", "--report", report];
    const child = command("explore", args).spawn();
    const hasSeeds = () => {
      try {
        return linesOf(report).length > 3;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    };
    while (!hasSeeds()) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    assertEquals((await child.output()).code, 130);
    assertStringIncludes(linesOf(report).at(-1) ?? "", '{"end":"interrupted"');
    const merged = await run("explore", "merge", report);
    assertEquals(merged.code, 2);
    assertMatch(
      merged.stderr,
      /^incomplete: .* \(shard 1\/1\) was interrupted: \d+ seeds count\n$/,
    );
  }));

Deno.test("the ledger's cases run first, fail until the node is mended, and then pass", () =>
  inTemporaryFolder(async (folder) => {
    const [bin, ledger] = [`${folder}/node.ts`, `${folder}/ledger.jsonl`];
    const write = (echo: string) =>
      Deno.writeTextFileSync(
        bin,
        `export default (n) => n.on("echo", ({ echo }) => ({ type: "echo_ok", echo: ${echo} }));`,
      );
    const explore = (...args: string[]) =>
      run(
        "explore",
        ...["echo", "--bin", bin, "--seeds", "3", "--nemesis", "none", "--time-limit", "1"],
        ...["--shrink-runs", "5", "--store", folder, "--ledger", ledger, ...args],
      );
    write("echo + 1");
    const first = await explore();
    assertEquals(first.code, 1, first.stderr);
    const again = await explore();
    assertEquals(again.code, 1, again.stderr);
    assertStringIncludes(again.stdout, "1 known case of the ledger: 1 still fail, 0 pass");
    assertStringIncludes(again.stdout, "A known failure ends the search");
    assert(!again.stdout.includes("seeds in"), "no seed is explored");
    write("echo");
    const mended = await explore();
    assertEquals(mended.code, 0, mended.stderr);
    assertStringIncludes(mended.stdout, "1 known case of the ledger: 0 still fail, 1 pass");
    const shown = await run("ledger", "--ledger", ledger, "--page", `${folder}/ledger.html`);
    assertEquals(shown.code, 0, shown.stderr);
    assertStringIncludes(shown.stdout, "passes  echo");
    assertMatch(shown.stdout, /passed {2}echo .*: 3 seeds, commit unknown/);
  }));

Deno.test("shards, merge and ledger reject invalid arguments with exit code 254", async () => {
  const invalid: [string, string[], string][] = [
    ["explore", ["echo", "--shard", "4/3"], "--shard must be I/N with integers, I from 1 to N"],
    ["explore", ["echo", "--shard", "0/3"], "--shard must be I/N"],
    ["explore", ["echo", "--for", "10"], "--for must be a number with the unit s, m or h"],
    ["explore", ["echo", "--ledger", "deno.json"], "deno.json:1 is not an entry"],
    ["explore", ["merge"], "missing reports"],
    ["explore", ["merge", "nowhere.jsonl"], "file not found: nowhere.jsonl"],
    ["explore", ["merge", "deno.json", "--jnuit", "x"], "did you mean --junit?"],
    ["explore", ["merge", "deno.json"], "deno.json:1 is not a line of a report"],
    ["ledger", ["--ledger", "nowhere.jsonl"], "--ledger nowhere.jsonl: file not found"],
    ["ledger", ["more"], 'unexpected argument "more"'],
  ];
  await Promise.all(invalid.map(async ([task, args, message]) => {
    const { code, stderr } = await run(task, ...args);
    assertStringIncludes(stderr, message);
    assertEquals(code, 254, `${task} ${args.join(" ")}`);
  }));
});
