import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { encodeCase, generateCase } from "../../lib/workbench/explore/mod.ts";
import { workloads } from "../../lib/workload/mod.ts";

const decoder = new TextDecoder();

function command(task: string, args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-write", "--allow-env=NO_COLOR"]
      .concat(`tasks/${task}.ts`, args),
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

function node(name: string): string {
  return `tests/support/explore_nodes/${name}.ts`;
}

Deno.test("explore runs the node of each workload with the permissions of its task", async () => {
  for (const { name } of Object.values(workloads)) {
    const { code, stderr } = await run("explore", name, "--seeds", "1", "--jobs", "1");
    assertEquals([name, code, stderr], [name, 0, ""]);
  }
});

Deno.test("explore finds a fault, shrinks and stores the case, and prints the command that replays it", async () => {
  const store = await Deno.makeTempDir();
  try {
    const explored = await run(
      "explore",
      ...["broadcast", "--bin", node("fire_and_forget_broadcast"), "--nemesis", "partition"],
      ...["--seeds", "50", "--jobs", "2", "--shrink-runs", "60", "--store", store],
    );
    assertEquals(explored.code, 1, explored.stderr);
    assertStringIncludes(explored.stdout, "failed: workload: lost");
    assertStringIncludes(explored.stdout, "partition: a message was dropped");
    assertStringIncludes(explored.stdout, "excluded by --nemesis: one-way, kill, pause");
    const path = /deno task replay (\S+)/.exec(explored.stdout)?.[1] as string;
    assert(path.startsWith(`${store}/explore/broadcast/`), path);
    const folder = path.replace(/\/case\.json$/, "");
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    for (const name of ["found.json", "history.jsonl", "messages.jsonl", "results.json"]) {
      assert(files.includes(name), `${name} is missing among ${files}`);
    }
    const diagram = Deno.readTextFileSync(`${folder}/messages.svg`);
    assertStringIncludes(diagram, "<svg");
    assertMatch(diagram, />broadcast \d+</, "arrows have labels");

    const replayed = await run("replay", path, "--store", store);
    assertEquals(replayed.code, 1, replayed.stderr);
    assertStringIncludes(replayed.stdout, "Analysis invalid!");
    const page = /results in +(\S+)/.exec(replayed.stdout)?.[1] as string;
    assert(page.startsWith(`${store}/replay/broadcast/`), page);
    for (const name of ["case.json", "history.jsonl", "messages.jsonl"]) {
      assertEquals(
        Deno.readTextFileSync(`${page}/${name}`),
        Deno.readTextFileSync(`${folder}/${name}`),
      );
    }
    const traced = await run("replay", folder, "--trace", "--store", store);
    const trace = Deno.readTextFileSync(`${folder}/trace.log`);
    assert(trace.length > 0);
    assertStringIncludes(traced.stdout, trace, "the same events, byte for byte");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("explore exits with 0 when no seed fails, and lists the coverage points that no seed reached", async () => {
  const { code, stdout } = await run(
    "explore",
    ...["broadcast", "--bin", node("retrying_broadcast"), "--seeds", "12", "--node-count", "3"],
    ...["--nemesis", "partition,one-way,pause,loss,duplicate,reorder,slow,skew"],
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout, "12 seeds in");
  assertStringIncludes(stdout, "no seed failed");
  assertStringIncludes(stdout, "nodes: a retry fired");
  const [, missed] = stdout.split("Coverage points that no seed reached:");
  assertStringIncludes(missed ?? "", "nodes: a thousand retries fired");
});

Deno.test("explore --keep-going continues after a failure", async () => {
  const store = await Deno.makeTempDir();
  try {
    const { code, stdout } = await run(
      "explore",
      ...["unique-ids", "--bin", node("volatile_ids"), "--nemesis", "kill", "--seeds", "6"],
      ...["--keep-going", "--shrink-runs", "0", "--store", store],
    );
    assertEquals(code, 1);
    assertStringIncludes(stdout, "6 seeds in");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("explore reports a failure that its seed does not reproduce", async () => {
  const store = await Deno.makeTempDir();
  try {
    const { code, stdout } = await run(
      "explore",
      ...["echo", "--bin", node("shared_state"), "--nemesis", "none", "--seeds", "60"],
      ...["--rate", "5", "--jobs", "1", "--shrink-runs", "5", "--store", store],
    );
    assertEquals(code, 1);
    assertStringIncludes(stdout, "on its own the case does not fail in this way");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("explore and replay reject an invalid command line with exit code 254", async () => {
  const invalid: [string, string[], string][] = [
    ["explore", [], "missing workload"],
    ["explore", ["broadkast"], 'unknown workload "broadkast"'],
    ["explore", ["echo", "more"], 'unexpected argument "more"'],
    ["explore", ["echo", "--sedes", "5"], "did you mean --seeds?"],
    ["explore", ["echo", "--seeds", "0"], "--seeds must be an integer from 1"],
    ["explore", ["echo", "--from", "9007199254740993"], "to 9007199254740991, got"],
    [
      "explore",
      ["echo", "--from", "9007199254740991", "--seeds", "2"],
      "the last seed must be at most 9007199254740991",
    ],
    ["explore", ["echo", "--nemesis", "flood"], "--nemesis must be all, none or a"],
    ["explore", ["echo", "–-seeds", "5"], "typographic dash"],
    ["explore", ["broadcast", "--topology", "moebius"], "--topology must be one of"],
    ["replay", [], "missing case file"],
    ["replay", ["nowhere.json"], "file or folder not found: nowhere.json"],
    ["replay", ["deno.json"], "deno.json is not a case file"],
    ["replay", ["deno.json", "--tarce"], "did you mean --trace?"],
  ];
  await Promise.all(invalid.map(async ([task, args, message]) => {
    const { code, stderr } = await run(task, ...args);
    assertEquals(code, 254, `${task} ${args.join(" ")}: ${stderr}`);
    assertStringIncludes(stderr, message);
  }));
});

Deno.test("explore exits with 255 when the node does not exist or does not start", async () => {
  const missing = await run("explore", "echo", "--bin", "nowhere.ts");
  assertEquals(missing.code, 255);
  assertStringIncludes(missing.stderr, "nowhere.ts: no such file");
  const badFlag = await run("explore", "echo", "--seeds", "2", "--strategy", "telepathy");
  assertEquals(badFlag.code, 255);
  assertStringIncludes(badFlag.stderr, "strategy");
});

Deno.test("Ctrl-C stops an exploration and its threads", async () => {
  const child = command("explore", ["echo", "--bin", node("endless_search"), "--rate", "5"])
    .spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGINT");
  while (!(await reader.read()).done);
  await child.stderr.cancel();
  assertEquals((await child.status).code, 130);
});

Deno.test("replay runs a node from outside of the working directory only with a flag", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const bin = `${folder}/echo.ts`;
    await Deno.writeTextFile(
      bin,
      'export default (n) => n.on("echo", ({ echo }) => ({ type: "echo_ok", echo }));',
    );
    const setup = { workload: workloads.echo, bin, args: [], faults: [] };
    const testCase = generateCase({ ...setup, fixedOptions: { ratePerSecond: 5 } }, "1");
    const path = `${folder}/case.json`;
    await Deno.writeTextFile(path, encodeCase({ case: testCase, failure: [] }));
    const refused = await run("replay", path, "--store", folder);
    assertEquals(refused.code, 254);
    assertStringIncludes(refused.stderr, `runs ${bin}, which is outside of the working directory`);
    const allowed = await run("replay", path, "--allow-outside", "--store", folder);
    assertEquals(allowed.code, 0, allowed.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
