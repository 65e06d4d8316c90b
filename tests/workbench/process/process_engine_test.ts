import { assert, assertEquals, assertThrows } from "std/testing";
import { type NodeListener, StartError } from "../../../lib/workbench/engine.ts";
import { ProcessEngine } from "../../../lib/workbench/process/process_engine.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { isRunning, untilGone } from "../../support/processes.ts";
import { withProperty } from "../../support/with_property.ts";

/** Runs a test with an engine whose nodes start a process outside of their group, and log its id. */
async function withEscapingNodes(
  test: (
    engine: ProcessEngine,
    start: () => Promise<[kill: () => Promise<void>, pid: number]>,
  ) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const bin = `${folder}/node.sh`;
    const escaping = "setsid sh -c 'echo $$ >&2; exec sleep 1000' & wait";
    await Deno.writeTextFile(bin, `#!/bin/sh\n${escaping}\n`, { mode: 0o755 });
    const engine = new ProcessEngine(bin);
    await engine.run(() =>
      test(engine, async () => {
        const { promise, resolve } = Promise.withResolvers<string>();
        const listener: NodeListener = { sent() {}, malformedOutput() {}, logged: resolve };
        const node = engine.start("n0", listener);
        return [() => node.kill(), Number(await promise)];
      })
    );
  });
}

Deno.test({
  name: "a process that left its node's group ends with the node, or else with the run",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const pids: number[] = [];
    await withEscapingNodes(async (engine, start) => {
      const [killFirst, first] = await start();
      const [, second] = await start();
      assertEquals(engine.processIds.length, 2);
      await killFirst();
      await untilGone(first);
      assertEquals(await isRunning(second), true);
      pids.push(second);
    });
    for (const pid of pids) await untilGone(pid);
  },
});

Deno.test("an engine runs its program with its arguments in a folder of the node", async () => {
  await inTemporaryFolder(async (folder) => {
    const bin = `${folder}/node.sh`;
    await Deno.writeTextFile(bin, '#!/bin/sh\necho "$1 $2" > storage/arguments\n', { mode: 0o755 });
    const engine = new ProcessEngine(bin, ["--a", "b"], () => `${folder}/disks`);
    const silent: NodeListener = { sent() {}, malformedOutput() {}, logged() {} };
    const code = await engine.run(async () => (await engine.start("n7", silent).ended).code);
    assertEquals(code, 0);
    const written = await Deno.readTextFile(`${folder}/disks/n7/storage/arguments`);
    assertEquals(written, "--a b\n");
  });
});

Deno.test("the end of a run cancels what waits for the engine's clock", async () => {
  const engine = new ProcessEngine("/bin/sh");
  let isRun = false;
  await engine.run(() => {
    engine.clock.after(0, () => isRun = true);
    return Promise.resolve();
  });
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  assertEquals(isRun, false);
});

Deno.test("an engine's hint names the mistake in a script's first line, and none for a Deno program", async () => {
  await inTemporaryFolder(async (folder) => {
    const bin = `${folder}/node`;
    await Deno.writeTextFile(bin, "import sys\n", { mode: 0o755 });
    assert(new ProcessEngine(bin).programHint?.includes("not a shebang"));
    await Deno.writeTextFile(`${bin}.ts`, "console.log();\n", { mode: 0o644 });
    await withProperty(Deno, "execPath", () => bin, () => {
      assertEquals(new ProcessEngine(`${bin}.ts`).programHint, undefined);
    });
  });
});

Deno.test("an engine of processes is rejected on Windows when it is made", async () => {
  await withProperty(Deno, "build", { ...Deno.build, os: "windows" }, () => {
    assertThrows(() => new ProcessEngine("/bin/sh"), StartError, "--engine sim");
  });
});
