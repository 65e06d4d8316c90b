import { assertEquals, assertStringIncludes } from "std/testing";
import { hasNatsServer, withNatsServer } from "../../support/nats_server.ts";
import { runMaelstromTask } from "../../support/run_task.ts";

const IDS = ["n0", "n1", "n2"];

/** Starts the nodes of a cluster, as they would run elsewhere. */
function startNodes(url: string, cluster: string, bin: string): Deno.ChildProcess[] {
  return IDS.map((id) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", `--allow-net=${new URL(url).host}`, bin],
        ...["--transport", url, "--cluster", cluster, "--node-id", id, "--nodes", IDS.join(",")],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn()
  );
}

Deno.test({
  name: hasNatsServer
    ? "the engine nats joins nodes that run elsewhere, once"
    : "the engine nats joins nodes that run elsewhere, once (skipped: there is no nats-server)",
  ignore: !hasNatsServer,
  fn: () =>
    withNatsServer(async ({ url, folder }) => {
      const run = (...args: string[]) =>
        runMaelstromTask([
          ...["test", "-w", "g-set", "--engine", "nats", "--nats", url, "--nats-join", "far"],
          ...["--time-limit", "3", "--rate", "20", "--store", folder, ...args],
        ]);
      const absent = await run("--node-count", "3");
      assertEquals(absent.code, 255);
      assertStringIncludes(
        absent.stderr,
        `There is no node n0 in the cluster far. Start it with --transport ${url} --node-id n0 ` +
          "--nodes n0,n1,n2 --cluster far.",
      );
      const nodes = startNodes(url, "far", "nodes/g_set.ts");
      try {
        let joined = absent;
        // The nodes take a while to start.
        for (let attempt = 0; attempt < 20 && joined.code === 255; attempt++) {
          joined = await run("--node-count", "3", "--nemesis", "partition");
        }
        assertEquals(joined.code, 0, joined.stdout + joined.stderr);
        assertStringIncludes(joined.stdout, "Everything looks good!");
        const again = await run("--node-count", "3");
        assertStringIncludes(
          again.stderr,
          "has served clients before. Restart it without its data",
        );
        const fewer = await run("--node-count", "2");
        assertStringIncludes(
          fewer.stderr,
          "The node n0 in the cluster far runs with --nodes n0,n1,n2, but the test is of n0,n1.",
        );
        const kill = await run("--node-count", "3", "--nemesis", "kill");
        assertEquals(kill.code, 254);
        assertStringIncludes(
          kill.stderr,
          "--nemesis kill: the nats engine cannot inject this fault",
        );
      } finally {
        for (const node of nodes) node.kill("SIGTERM");
      }
      for (const { code } of await Promise.all(nodes.map(({ status }) => status))) {
        assertEquals(code, 0);
      }
    }),
});
