import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { parseEdn } from "../../lib/history/mod.ts";
import { maelstromCommand, runMaelstromTask } from "../support/run_task.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const quick = ["--node-count", "1", "--time-limit", "1", "--rate", "20"];

Deno.test("a test leaves a store that can be checked again", async () => {
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

    for (const lost of ["", "history.jsonl"]) {
      if (lost !== "") await Deno.remove(`${store}/latest/${lost}`);
      const again = await runMaelstromTask(["check", `${store}/latest`]);
      assertEquals(again.code, 0, again.stderr);
      assertMatch(again.stdout, /checking echo: .*\/history\.(jsonl|edn)/);
      assertMatch(again.stdout, /Everything looks good!/);
    }
  });
});

Deno.test("an invalid run ends with 1, and so does its check", async () => {
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

Deno.test("a test is repeated until it is not valid, with another seed each time", async () => {
  await inTemporaryFolder(async (store) => {
    const short = ["--node-count", "1", "--time-limit", "0.3", "--rate", "20", "--seed", "s"];
    const test = ["test", "-w", "echo", ...short, "--test-count", "2", "--store", store, "--bin"];
    const good = await runMaelstromTask([...test, "nodes/echo.ts"]);
    assertEquals(good.stdout.match(/seed s(-2)?$/gm), ["seed s", "seed s-2"]);
    const broken = "tests/support/programs/broken_echo.ts";
    const bad = await runMaelstromTask([...test, broken, "--", "--fault", "rubbish"]);
    assertEquals([bad.code, bad.stdout.match(/seed s(-2)?$/gm)], [1, ["seed s"]]);
  });
});

Deno.test("a damaged history is refused with its place", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = `{"index":0,"time":1,"type":"invoke","process":0,"f":"echo","value":"a"}`;
    await Deno.writeTextFile(`${folder}/history.jsonl`, `${first}\n{"index":1,"ti`);
    const { code, stderr } = await runMaelstromTask(["check", folder, "--workload", "echo"]);
    assertEquals(code, 255);
    assertStringIncludes(stderr, `${folder}/history.jsonl, line 2`);
  });
});

Deno.test("a run of the real Maelstrom is judged as it was", async () => {
  const vectors = "tests/conformance/vectors";
  for (const [name, expected] of [["echo-good", 0], ["echo-alter", 1]] as const) {
    const { code, stderr } = await runMaelstromTask(["check", `${vectors}/${name}`]);
    assertEquals(code, expected, `${name}: ${stderr}`);
  }
});

const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an unknown flag", ["--rat", "3"], /There is no flag '--rat'.*--rate/],
  ["an en-dash", ["–-nemesis", "partition"], /dash that is not '-'.*--nemesis/s],
  ["a number that is none", ["--rate", "fast"], /--rate takes a number from 0, not 'fast'/],
  ["a missing value", ["--rate"], /--rate takes a value/],
  ["an unknown workload", ["-w", "gossip"], /--workload takes one of .*echo/],
  ["an unknown fault", ["--nemesis", "flood"], /--nemesis takes words out of .*partition/],
  ["an availability above 1", ["--availability", "2"], /total, or a number from 0 to 1/],
  ["a concurrency in another unit", ["--concurrency", "2x"], /4n/],
  ["an argument that is no flag", ["fast"], /'fast' is no flag.*after --/],
  ["an engine that is not there", ["--engine", "maelstrom"], /--engine process/],
];

for (const [name, args, message] of refused) {
  Deno.test(`${name} is refused`, async () => {
    const base = ["test", "-w", "echo", "--bin", "nodes/echo.ts"];
    const { code, stderr } = await runMaelstromTask([...base, ...args], { PATH: "/nowhere" });
    assertEquals(code, 254, stderr);
    assertMatch(stderr, message);
  });
}

Deno.test("a missing --bin and an unknown command are refused", async () => {
  const withoutBin = await runMaelstromTask(["test", "-w", "echo"]);
  assertEquals([withoutBin.code, /--bin PATH/.test(withoutBin.stderr)], [254, true]);
  const unknown = await runMaelstromTask(["tets"]);
  assertEquals([unknown.code, /'tets' is no command/.test(unknown.stderr)], [254, true]);
});

Deno.test("the last of a repeated flag wins", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "echo", "--bin", "nodes/echo.ts", ...quick, "--store", store];
    const { stdout } = await runMaelstromTask(["test", ...args, "--node-count", "2"]);
    assertMatch(stdout, /testing echo: 2 nodes/);
  });
});

Deno.test("the real Maelstrom gets the flags unchanged, and its exit code is ours", async () => {
  await inTemporaryFolder(async (folder) => {
    const maelstrom = `${folder}/maelstrom`;
    await Deno.writeTextFile(maelstrom, '#!/bin/sh\nprintf "<%s>" "$@"\nexit 2\n');
    await Deno.chmod(maelstrom, 0o755);
    const args = ["-w", "echo", "--bin", "x y.ts", "--rate", "1", "--", "--engine", "sim"];
    const { code, stdout } = await runMaelstromTask(["test", ...args], { MAELSTROM: maelstrom });
    assertEquals(code, 2);
    assertMatch(stdout, /^engine: maelstrom /);
    assertStringIncludes(stdout, "<test><-w><echo><--bin><x y.ts><--rate><1><--><--engine><sim>");

    const inFolder = await runMaelstromTask(["test", ...args], { MAELSTROM: folder });
    assertEquals(inFolder.stdout, stdout);

    const own = await runMaelstromTask(
      ["test", "-w", "echo", "--bin", "x", "--engine", "maelstrom", "--seed", "1"],
      { MAELSTROM: maelstrom },
    );
    assertEquals(own.code, 254);
    assertMatch(own.stderr, /has no --seed/);
  });
});

Deno.test("a $MAELSTROM that is not there is mentioned", async () => {
  const args = ["test", "-w", "echo", "--bin", "no/such"];
  const { stdout } = await runMaelstromTask(args, { MAELSTROM: "/nowhere", PATH: "/nowhere" });
  assertMatch(stdout, /^engine: process .*\n +\$MAELSTROM is \/nowhere, where there is no such/);
});

Deno.test("a run goes on and keeps its results when nobody reads what it prints", async () => {
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

Deno.test("Ctrl-C, also one that arrives twice, ends the nodes and keeps what was recorded", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "echo", "--bin", "nodes/echo.ts", "--node-count", "3", "--rate", "50"];
    const child = maelstromCommand(["test", ...args, "--store", store]).spawn();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    // The terminal sends it to all of its processes, and `deno task` passes it on once more.
    child.kill("SIGINT");
    child.kill("SIGINT");
    const { code, stdout } = await child.output();
    assertEquals(code, 130);
    assertStringIncludes(new TextDecoder().decode(stdout), "Interrupted");
    const history = await Deno.readTextFile(`${store}/latest/history.jsonl`);
    assert(history.split("\n").length > 20, history);
  });
});

Deno.test("a schedule that was kept is carried out again", async () => {
  await inTemporaryFolder(async (store) => {
    const args = ["-w", "g-set", "--bin", "nodes/g_set.ts", "--node-count", "3", "--engine", "sim"];
    const kept = ["test", ...args, "--time-limit", "20", "--store", store];
    const first = await runMaelstromTask([...kept, "--nemesis", "partition", "--seed", "1"]);
    assertEquals(first.code, 0, first.stderr);
    const schedule = await Deno.readTextFile(`${store}/latest/schedule.json`);
    await Deno.writeTextFile(`${store}/edited.json`, schedule);
    const second = await runMaelstromTask([...kept, "--schedule", `${store}/edited.json`]);
    assertEquals(second.code, 0, second.stderr);
    assertEquals(await Deno.readTextFile(`${store}/latest/schedule.json`), schedule);
    const history = await Deno.readTextFile(`${store}/latest/history.jsonl`);
    assertStringIncludes(history, "start-partition");

    await Deno.writeTextFile(`${store}/edited.json`, `[{"at": 1, "f": "start-flood"}]`);
    const bad = await runMaelstromTask([...kept, "--schedule", `${store}/edited.json`]);
    assertEquals(bad.code, 254);
    assertMatch(bad.stderr, /edited\.json: event 1: f must be start-X or stop-X/);
  });
});
