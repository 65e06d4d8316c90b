import { assert, assertEquals, assertStringIncludes } from "std/testing";

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

Deno.test("explore finds a fault, shrinks it, keeps it, and prints the command that replays it", async () => {
  const store = await Deno.makeTempDir();
  try {
    const explored = await run(
      "explore",
      ...["broadcast", "--bin", node("forgetful_broadcast"), "--nemesis", "partition"],
      ...["--seeds", "50", "--jobs", "2", "--shrink-runs", "60", "--store", store],
    );
    assertEquals(explored.code, 1, explored.stderr);
    assertStringIncludes(explored.stdout, "failed: workload: lost");
    assertStringIncludes(explored.stdout, "partition: a message was dropped");
    assertStringIncludes(explored.stdout, "--nemesis leaves it out: one-way, kill, pause");
    const path = /deno task replay (\S+)/.exec(explored.stdout)?.[1] as string;
    assert(path.startsWith(`${store}/explore/broadcast/`), path);
    const folder = path.replace(/\/case\.json$/, "");
    const kept = [...Deno.readDirSync(folder)].map(({ name }) => name);
    for (const name of ["found.json", "history.jsonl", "messages.jsonl", "results.json"]) {
      assert(kept.includes(name), `${name} is missing among ${kept}`);
    }
    const diagram = Deno.readTextFileSync(`${folder}/messages.svg`);
    assertStringIncludes(diagram, "<svg");
    assertStringIncludes(diagram, ">broadcast<", "its arrows have names");

    const replayed = await run("replay", path);
    assertEquals(replayed.code, 1, replayed.stderr);
    assertStringIncludes(replayed.stdout, "Analysis invalid!");
    const traced = await run("replay", path, "--trace");
    const trace = Deno.readTextFileSync(`${folder}/trace.log`);
    assert(trace.length > 0);
    assertStringIncludes(traced.stdout, trace, "the same events, byte for byte");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("explore ends well when no seed fails, and says what was not tested", async () => {
  const { code, stdout } = await run(
    "explore",
    ...["broadcast", "--bin", node("careful_broadcast"), "--seeds", "12", "--node-count", "3"],
  );
  assertEquals(code, 0);
  assertStringIncludes(stdout, "12 seeds in");
  assertStringIncludes(stdout, "no seed failed");
  assertStringIncludes(stdout, "nodes: a retry fired");
  const [, missed] = stdout.split("Not tested, since no seed reached it:");
  assertStringIncludes(missed ?? "", "nodes: a thousand retries fired");
});

Deno.test("explore goes on after a failure when it is told to", async () => {
  const store = await Deno.makeTempDir();
  try {
    const { code, stdout } = await run(
      "explore",
      ...["unique-ids", "--bin", node("repeating_ids"), "--nemesis", "kill", "--seeds", "6"],
      ...["--keep-going", "--shrink-runs", "0", "--store", store],
    );
    assertEquals(code, 1);
    assertStringIncludes(stdout, "6 seeds in");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("explore tells a failure that is no property of its seed", async () => {
  const store = await Deno.makeTempDir();
  try {
    const { code, stdout } = await run(
      "explore",
      ...["echo", "--bin", node("shared_memory"), "--nemesis", "none", "--seeds", "60"],
      ...["--rate", "5", "--jobs", "1", "--shrink-runs", "5", "--store", store],
    );
    assertEquals(code, 1);
    assertStringIncludes(stdout, "Run on its own, it does not fail in this way.");
  } finally {
    await Deno.remove(store, { recursive: true });
  }
});

Deno.test("a wrong command line is refused with 254 and the reason", async () => {
  const wrong: [string, string[], string][] = [
    ["explore", [], "Which workload?"],
    ["explore", ["broadkast"], "no workload 'broadkast'"],
    ["explore", ["echo", "more"], "'more' is no flag"],
    ["explore", ["echo", "--sedes", "5"], "Did you mean --seeds?"],
    ["explore", ["echo", "--seeds", "0"], "--seeds takes an integer from 1"],
    ["explore", ["echo", "--nemesis", "flood"], "--nemesis takes all, none, or some of"],
    ["explore", ["echo", "–-seeds", "5"], "a dash that is not '-'"],
    ["explore", ["broadcast", "--topology", "moebius"], "--topology takes"],
    ["replay", [], "Which case?"],
    ["replay", ["nowhere.json"], "no file nowhere.json"],
    ["replay", ["deno.json"], "deno.json is no case"],
    ["replay", ["deno.json", "--tarce"], "Did you mean --trace?"],
  ];
  await Promise.all(wrong.map(async ([task, args, message]) => {
    const { code, stderr } = await run(task, ...args);
    assertEquals(code, 254, `${task} ${args.join(" ")}: ${stderr}`);
    assertStringIncludes(stderr, message);
  }));
});

Deno.test("a node that is not there, or does not start, is exit code 255 with the reason", async () => {
  const missing = await run("explore", "echo", "--bin", "nowhere.ts");
  assertEquals(missing.code, 255);
  assertStringIncludes(missing.stderr, "nowhere.ts: there is no such file");
  const badFlag = await run("explore", "echo", "--seeds", "2", "--strategy", "telepathy");
  assertEquals(badFlag.code, 255);
  assertStringIncludes(badFlag.stderr, "strategy");
});

Deno.test("Ctrl-C ends an exploration, all its threads with it", async () => {
  const child = command("explore", ["echo", "--bin", node("endless"), "--rate", "5"]).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGINT");
  while (!(await reader.read()).done);
  await child.stderr.cancel();
  assertEquals((await child.status).code, 130);
});
