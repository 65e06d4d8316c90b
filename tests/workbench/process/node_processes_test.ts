import { assert, assertEquals, assertRejects } from "std/testing";
import type { NodeListener } from "../../../lib/workbench/engine.ts";
import type { NodeProcess } from "../../../lib/workbench/process/node_process.ts";
import { NodeProcesses } from "../../../lib/workbench/process/node_processes.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { untilGone, watchdogOf } from "../../support/processes.ts";

const sleeping = { command: "/bin/sh", args: ["-c", "exec sleep 1000"] };
const silent: NodeListener = { sent() {}, malformedOutput() {}, logged() {} };

/** Starts a node that sleeps; resolves to it and its mark, see watchdog.ts. */
async function startMarked(processes: NodeProcesses): Promise<[node: NodeProcess, mark: string]> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const args = ["-c", 'echo "$WORKBENCH_NODE" >&2; exec sleep 1000'];
  const command = { command: "/bin/sh", args };
  const node = processes.start("n0", command, { ...silent, logged: resolve });
  return [node, await promise];
}

Deno.test("the ids are those of the processes that run", async () => {
  const processes = new NodeProcesses();
  await processes.run(async () => {
    const [first, second] = ["n0", "n1"].map((id) => processes.start(id, sleeping, silent)) as [
      NodeProcess,
      NodeProcess,
    ];
    assertEquals(processes.ids, [first.pid, second.pid]);
    await first.kill();
    assertEquals(processes.ids, [second.pid]);
  });
  assertEquals(processes.ids, []);
});

Deno.test("a run returns the result of its test, and all processes have ended before", async () => {
  const processes = new NodeProcesses();
  const [node, mark] = await processes.run(async () => {
    const started = await startMarked(processes);
    assertEquals(typeof await watchdogOf(started[1]), "number");
    return started;
  });
  assertEquals(node.exit?.signal, "SIGKILL");
  assertEquals(await watchdogOf(mark), undefined);
});

Deno.test("a run whose watchdog is gone ends its processes itself", async () => {
  const processes = new NodeProcesses();
  const node = await processes.run(async () => {
    const [node, mark] = await startMarked(processes);
    const watchdog = await watchdogOf(mark) as number;
    Deno.kill(watchdog, "SIGKILL");
    await untilGone(watchdog);
    return node;
  });
  const signal = node.exit?.signal;
  node.killNow();
  assertEquals(signal, "SIGKILL");
});

Deno.test("all processes have ended when a test that fails has ended its run", async () => {
  const processes = new NodeProcesses();
  let node: NodeProcess | undefined;
  const run = processes.run(() => {
    node = processes.start("n0", sleeping, silent);
    return Promise.reject(new Error("planted"));
  });
  await assertRejects(() => run, Error, "planted");
  assertEquals(node?.exit?.signal, "SIGKILL");
});

Deno.test("an error that ends the workbench kills all nodes at once", async () => {
  const processes = new NodeProcesses();
  await processes.run(async () => {
    const nodes = ["n0", "n1"].map((id) => processes.start(id, sleeping, silent));
    globalThis.dispatchEvent(new Event("error"));
    for (const node of nodes) assertEquals((await node.ended).signal, "SIGKILL");
  });
});

Deno.test("each node starts in its own folder, which stays with what the node wrote", async () => {
  await inTemporaryFolder(async (folder) => {
    const processes = new NodeProcesses(() => `${folder}/disks`);
    await processes.run(async () => {
      const writing = { command: "/bin/sh", args: ["-c", "pwd > place; pwd > storage/place"] };
      for (const id of ["n0", "n1"]) {
        const { code } = await processes.start(id, writing, silent).ended;
        assertEquals(code, 0);
      }
      const idle = { command: "/bin/sh", args: ["-c", ""] };
      await processes.start("n2", idle, silent).ended;
    });
    for (const id of ["n0", "n1"]) {
      for (const file of ["place", "storage/place"]) {
        const place = await Deno.readTextFile(`${folder}/disks/${id}/${file}`);
        assertEquals(place, `${folder}/disks/${id}\n`);
      }
    }
    assertEquals([...Deno.readDirSync(`${folder}/disks`)].length, 2, "n2 left nothing");
  });
});

Deno.test("all processes of a run have the same watchdog", async () => {
  const processes = new NodeProcesses();
  await processes.run(() => {
    assert(processes.watchdog === processes.watchdog);
    return Promise.resolve();
  });
});
