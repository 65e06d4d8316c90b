import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { parseEdn } from "../../lib/history/mod.ts";
import { maelstromCommand, runMaelstromTask } from "../support/run_task.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const quick = ["--node-count", "1", "--time-limit", "1", "--rate", "20"];

Deno.test("maelstrom check reads the results of maelstrom test", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "echo", "--bin", "nodes/echo.ts", ...quick, "--store", store];
    const { code, stdout, stderr } = await runMaelstromTask(["test", ...args]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^engine: process /);
    assertMatch(stdout, /Everything looks good!/);
    const results = JSON.parse(await Deno.readTextFile(`${store}/latest/results.json`));
    assertEquals(results["valid?"], true);
    assertEquals(results.net.servers["msgs-per-op"], 0);
    assertEquals(results.availability["ok-fraction"], 1);
    const edn = parseEdn(await Deno.readTextFile(`${store}/latest/results.edn`));
    assertEquals((edn as { stats: unknown }).stats, results.stats);
    const journal = (await Deno.readTextFile(`${store}/latest/messages.jsonl`)).trim().split("\n");
    assertEquals(journal.length, results.net.all["send-count"] + results.net.all["recv-count"]);

    for (const removed of ["", "history.jsonl"]) {
      if (removed !== "") await Deno.remove(`${store}/latest/${removed}`);
      const again = await runMaelstromTask(["check", `${store}/latest`]);
      assertEquals(again.code, 0, again.stderr);
      assertMatch(again.stdout, /checking echo: .*\/history\.(jsonl|edn)/);
      assertMatch(again.stdout, /Everything looks good!/);
    }
  });
});

Deno.test("an invalid run exits with 1, and so does its check", async () => {
  await inTemporaryFolder(async (store) => {
    const bin = "tests/support/programs/broken_echo.ts";
    const { code, stdout } = await runMaelstromTask(
      ["test", "-w", "echo", "--bin", bin, ...quick, "--store", store, "--", "--fault", "alter"],
    );
    assertEquals(code, 1, stdout);
    assertMatch(stdout, /Analysis invalid!/);
    assertEquals((await runMaelstromTask(["check", `${store}/echo/latest`])).code, 1);
  });
});

Deno.test("--test-count repeats a test with new seeds until a result is not valid", async () => {
  await inTemporaryFolder(async (store) => {
    const short = ["--node-count", "1", "--time-limit", "0.3", "--rate", "20", "--seed", "s"];
    const test = ["test", "-w", "echo", ...short, "--test-count", "2", "--store", store, "--bin"];
    const good = await runMaelstromTask([...test, "nodes/echo.ts"]);
    assertEquals(good.stdout.match(/seed s(-2)?$/gm), ["seed s", "seed s-2"]);
    const broken = "tests/support/programs/broken_echo.ts";
    const bad = await runMaelstromTask([...test, broken, "--", "--fault", "stack-trace"]);
    assertEquals([bad.code, bad.stdout.match(/seed s(-2)?$/gm)], [1, ["seed s"]]);
  });
});

Deno.test("maelstrom check rejects a damaged history with file and line", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = `{"index":0,"time":1,"type":"invoke","process":0,"f":"echo","value":"a"}`;
    await Deno.writeTextFile(`${folder}/history.jsonl`, `${first}\n{"index":1,"ti`);
    const { code, stderr } = await runMaelstromTask(["check", folder, "--workload", "echo"]);
    assertEquals(code, 255);
    assertStringIncludes(stderr, `${folder}/history.jsonl, line 2`);
  });
});

Deno.test("maelstrom check gives the verdicts of the real Maelstrom", async () => {
  const vectors = "tests/conformance/vectors";
  await inTemporaryFolder(async (folder) => {
    for (const [name, expected] of [["echo-good", 0], ["echo-alter", 1]] as const) {
      Deno.mkdirSync(`${folder}/${name}`);
      for (const { name: file, isFile } of Deno.readDirSync(`${vectors}/${name}`)) {
        if (isFile) Deno.copyFileSync(`${vectors}/${name}/${file}`, `${folder}/${name}/${file}`);
      }
      const { code, stdout, stderr } = await runMaelstromTask(["check", `${folder}/${name}`]);
      assertEquals(code, expected, `${name}: ${stderr}`);
      assertStringIncludes(stdout, `${folder}/${name}/report.html`);
    }
  });
});

const rejected: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an unknown flag", ["--rat", "3"], /unknown flag "--rat".*--rate/],
  ["an en-dash", ["–-nemesis", "partition"], /typographic dash.*--nemesis/s],
  ["an invalid number", ["--rate", "fast"], /--rate must be a number from 0, got "fast"/],
  ["a missing value", ["--rate"], /--rate needs a value/],
  ["an unknown workload", ["-w", "gossip"], /--workload must be one of .*echo/],
  [
    "an unknown fault",
    ["--nemesis", "flood"],
    /--nemesis must be a comma-separated list of .*partition/,
  ],
  ["an availability above 1", ["--availability", "2"], /total or a number from 0 to 1/],
  ["a concurrency of an unknown unit", ["--concurrency", "2x"], /4n/],
  ["an unexpected argument", ["fast"], /unexpected argument "fast".*after --/],
  ["an engine that is not installed", ["--engine", "maelstrom"], /--engine process/],
];

for (const [name, args, message] of rejected) {
  Deno.test(`maelstrom test rejects ${name}`, async () => {
    const base = ["test", "-w", "echo", "--bin", "nodes/echo.ts"];
    const { code, stderr } = await runMaelstromTask([...base, ...args], { PATH: "/nowhere" });
    assertEquals(code, 254, stderr);
    assertMatch(stderr, message);
  });
}

Deno.test("maelstrom rejects a missing --bin and an unknown command", async () => {
  const withoutBin = await runMaelstromTask(["test", "-w", "echo"]);
  assertEquals([withoutBin.code, /--bin PATH/.test(withoutBin.stderr)], [254, true]);
  const unknown = await runMaelstromTask(["tets"]);
  assertEquals([unknown.code, /unknown command "tets"/.test(unknown.stderr)], [254, true]);
});

Deno.test("the last value of a repeated flag wins", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "echo", "--bin", "nodes/echo.ts", ...quick, "--store", store];
    const { stdout } = await runMaelstromTask(["test", ...args, "--node-count", "2"]);
    assertMatch(stdout, /testing echo: 2 nodes/);
  });
});

Deno.test("the real Maelstrom receives the flags unchanged, and its exit code is returned", async () => {
  await inTemporaryFolder(async (folder) => {
    const maelstrom = `${folder}/maelstrom`;
    await Deno.writeTextFile(maelstrom, '#!/bin/sh\nprintf "<%s>" "$@"\nexit 2\n');
    await Deno.chmod(maelstrom, 0o755);
    const args = ["-w", "echo", "--bin", "x y.ts", "--rate", "1", "--", "--engine", "sim"];
    const { code, stdout } = await runMaelstromTask(["test", ...args], { MAELSTROM: maelstrom });
    assertEquals(code, 2);
    assertMatch(stdout, /^engine: maelstrom /);
    assertStringIncludes(stdout, "<test><-w><echo><--bin><x y.ts><--rate><1><--><--engine><sim>");

    const asFolder = await runMaelstromTask(["test", ...args], { MAELSTROM: folder });
    assertEquals(asFolder.stdout, stdout);

    const builtIn = await runMaelstromTask(
      ["test", "-w", "echo", "--bin", "x", "--engine", "maelstrom", "--seed", "1"],
      { MAELSTROM: maelstrom },
    );
    assertEquals(builtIn.code, 254);
    assertMatch(builtIn.stderr, /has no flag --seed/);
  });
});

Deno.test("a test warns when $MAELSTROM is not an executable", async () => {
  const args = ["test", "-w", "echo", "--bin", "no/such"];
  const { stdout } = await runMaelstromTask(args, { MAELSTROM: "/nowhere", PATH: "/nowhere" });
  assertMatch(
    stdout,
    /^engine: process .*\n +\$MAELSTROM is "\/nowhere", but there is no executable/,
  );
});

Deno.test("a run continues and stores its results when stdout is closed", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "echo", "--bin", "nodes/echo.ts", ...quick, "--log-net-send"];
    const child = maelstromCommand(["test", ...args, "--store", store]).spawn();
    await child.stdout.cancel();
    const { code } = await child.status;
    await child.stderr.cancel();
    assertEquals(code, 0);
    const results = JSON.parse(await Deno.readTextFile(`${store}/latest/results.json`));
    assertEquals(results["valid?"], true);
  });
});

for (const engine of ["process", "sim"]) {
  Deno.test(`with ${engine}, Ctrl-C stops the nodes and stores the history so far, even when delivered twice`, async () => {
    await inTemporaryFolder(async (store) => {
      const args = ["-w", "echo", "--bin", "nodes/echo.ts", "--node-count", "3", "--rate", "50"];
      const long = ["--time-limit", "1000000", "--engine", engine, "--store", store];
      const child = maelstromCommand(["test", ...args, ...long]).spawn();
      await new Promise((resolve) => setTimeout(resolve, 3000));
      // The terminal sends the signal to all processes, and `deno task` forwards it once more.
      child.kill("SIGINT");
      child.kill("SIGINT");
      const { code, stdout } = await child.output();
      assertEquals(code, 130);
      assertStringIncludes(new TextDecoder().decode(stdout), "Interrupted");
      const history = await Deno.readTextFile(`${store}/latest/history.jsonl`);
      assert(history.split("\n").length > 20, history);
    });
  });
}

Deno.test("--schedule runs the schedule of an earlier run", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "g-set", "--bin", "nodes/g_set.ts", "--node-count", "3", "--engine", "sim"];
    const base = ["test", ...args, "--time-limit", "20", "--store", store];
    const first = await runMaelstromTask([...base, "--nemesis", "partition", "--seed", "1"]);
    assertEquals(first.code, 0, first.stderr);
    const schedule = await Deno.readTextFile(`${store}/latest/schedule.json`);
    await Deno.writeTextFile(`${store}/edited.json`, schedule);
    const second = await runMaelstromTask([...base, "--schedule", `${store}/edited.json`]);
    assertEquals(second.code, 0, second.stderr);
    assertEquals(await Deno.readTextFile(`${store}/latest/schedule.json`), schedule);
    const history = await Deno.readTextFile(`${store}/latest/history.jsonl`);
    assertStringIncludes(history, "start-partition");

    await Deno.writeTextFile(`${store}/edited.json`, `[{"at": 1, "f": "start-flood"}]`);
    const bad = await runMaelstromTask([...base, "--schedule", `${store}/edited.json`]);
    assertEquals(bad.code, 254);
    assertMatch(bad.stderr, /edited\.json: event 1: f must be start-X or stop-X/);
  });
});
