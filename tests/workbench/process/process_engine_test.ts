import { assertEquals } from "std/testing";
import type { NodeListener } from "../../../lib/workbench/engine.ts";
import { ProcessEngine } from "../../../lib/workbench/process/process_engine.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { isRunning, untilGone } from "../../support/processes.ts";

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
