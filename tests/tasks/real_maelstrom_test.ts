import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { worstExitCode } from "../../tasks/cli/exit_code.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { untilGone } from "../support/processes.ts";

const ROOT = Deno.cwd();
const decoder = new TextDecoder();

/** A folder with a program that stands for Maelstrom, as the tasks' working directory. */
interface Scene {
  readonly folder: string;
  /** Starts a task in the folder. */
  spawn(task: "challenge" | "maelstrom", ...args: readonly string[]): Deno.ChildProcess;
  /** Runs a task in the folder until it ends. */
  run(
    task: "challenge" | "maelstrom",
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
}

/** Runs a test with a shell script as Maelstrom. */
function withMaelstrom(script: string, test: (scene: Scene) => Promise<void>): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const path = `${folder}/maelstrom.sh`;
    await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const command = (task: string, args: readonly string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--allow-read", "--allow-write", "--allow-run"],
          ...["--allow-env=PATH,TMPDIR,MAELSTROM,NO_COLOR", "--config", `${ROOT}/deno.json`],
          ...[`${ROOT}/tasks/${task}.ts`, ...args],
        ],
        cwd: folder,
        env: { MAELSTROM: path, NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      });
    await test({
      folder,
      spawn: (task, ...args) => command(task, args).spawn(),
      async run(task, ...args) {
        const { code, stdout, stderr } = await command(task, args).output();
        return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
      },
    });
  });
}

const results = (median: number) =>
  `{:valid? true, :net {:servers {:msgs-per-op 1.5}}, ` +
  `:workload {:stable-latencies {0 0, 0.5 ${median}, 1 500}}}`;

/** Maelstrom's exit codes, and those of the tasks. */
const exitCodes: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [2, 2],
  [130, 130],
  [254, 254],
  [255, 255],
  [129, 130],
  [143, 130],
  [3, 255],
  [127, 255],
  [137, 255],
];

Deno.test("no exit code of Maelstrom but 0 ends a task with 0, and no older run is read", async () => {
  await withMaelstrom('exit "$(cat code)"', async ({ folder, run }) => {
    await Deno.mkdir(`${folder}/store/broadcast/older`, { recursive: true });
    await Deno.symlink("broadcast/older", `${folder}/store/latest`);
    await Deno.writeTextFile(`${folder}/store/latest/results.edn`, results(300));
    for (const [theirs, ours] of exitCodes) {
      await Deno.writeTextFile(`${folder}/code`, `${theirs}`);
      const { code, stdout, stderr } = await run("challenge", "3d");
      assertEquals(code, ours, `Maelstrom's ${theirs}`);
      assert(!stdout.includes("median"), `figures of an older run: ${stdout}`);
      const explained = /exited with code/.test(stderr);
      assertEquals(explained, ours === 255 && theirs !== 255, stderr);
      if (theirs === 127) assertMatch(stderr, /exited with code 127\. Is Java installed\?/);
    }
  });
});

Deno.test("a task reads the results that its run of Maelstrom has stored", async () => {
  const script = `mkdir -p store/broadcast/new && cp new.edn store/broadcast/new/results.edn`;
  await withMaelstrom(script, async ({ folder, run }) => {
    await Deno.writeTextFile(`${folder}/new.edn`, results(450));
    const { code, stdout } = await run("challenge", "3d");
    assertEquals(code, 1, stdout);
    assertStringIncludes(stdout, "median latency (ms): 450, limit: below 400: MISSED");
    assertStringIncludes(stdout, "maximum latency (ms): 500, limit: below 600: met");
  });
});

Deno.test("a fault that Maelstrom lacks is injected by the process engine, which says so", async () => {
  await withMaelstrom("echo called; exit 0", async ({ run }) => {
    const test = ["test", "-w", "echo", "--bin", "no/such", "--nemesis"] as const;
    for (const faults of ["loss", "partition,kill", "pause"]) {
      const { stdout } = await run("maelstrom", ...test, faults);
      assertMatch(stdout, /^engine: process .*\n.* may have no fault --nemesis /, faults);
    }
    assertMatch(
      (await run("maelstrom", ...test, "partition")).stdout,
      /^engine: maelstrom .*\ncalled/,
    );
    const asked = [...test, "kill", "--engine", "maelstrom"] as const;
    assertStringIncludes((await run("maelstrom", ...asked)).stdout, "called");
    const refused = await run("maelstrom", ...test, "loss", "--engine", "maelstrom");
    assertEquals(refused.code, 254);
    assertStringIncludes(refused.stderr, "the real Maelstrom has no fault --nemesis loss");
  });
});

for (const [name, script] of [["", ""], [" that ignores SIGINT", "trap '' INT; "]] as const) {
  Deno.test(`SIGINT to the command alone ends a Maelstrom${name}, and what it has started`, async () => {
    await withMaelstrom(
      `${script}echo $$; sh -c 'echo $$; sleep 1000'; exit 0`,
      async ({ spawn }) => {
        const child = spawn("maelstrom", "test", "-w", "echo", "--bin", "no/such");
        const reader = child.stdout.getReader();
        let text = "";
        while (!/\n[0-9]+\n[0-9]+\n/.test(text)) {
          text += decoder.decode((await reader.read()).value);
        }
        child.kill("SIGINT");
        assertEquals((await child.status).code, 130);
        await reader.cancel();
        await child.stderr.cancel();
        for (const [pid] of text.matchAll(/^[0-9]+$/gm)) await untilGone(Number(pid));
      },
    );
  });
}

Deno.test("the worst exit code is the crash, and so is one without a meaning", () => {
  assertEquals(worstExitCode([]), 0);
  assertEquals(worstExitCode([0, 1, 0]), 1);
  assertEquals(worstExitCode([1, 2]), 2);
  assertEquals(worstExitCode([2, 130, 1]), 130);
  assertEquals(worstExitCode([130, 254]), 254);
  assertEquals(worstExitCode([254, 255]), 255);
  assertEquals(worstExitCode([0, 3]), 255);
});
