/**
 * Nodes in network namespaces of their own, as on three machines, of which the operating system cuts
 * one from the others. Needs the rights of root, and is skipped without them.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { hasNatsServer, withNatsServer } from "../../support/nats_server.ts";
import { runMaelstromTask } from "../../support/run_task.ts";

const IDS = ["n0", "n1", "n2"];
/** A network for measurements between machines (RFC 2544). The bridge is its first address. */
const NETWORK = "198.18.77";
const BRIDGE_ADDRESS = `${NETWORK}.1`;
const PREFIX = `wb${Deno.pid % 10_000}`;
const BRIDGE = `${PREFIX}br`;
const namespaceOf = (index: number) => `${PREFIX}n${index}`;

/** Runs `ip`; returns whether it succeeded. */
async function ip(...args: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("ip", { args, stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function mustRunIp(...args: string[]): Promise<void> {
  assert(await ip(...args), `ip ${args.join(" ")}`);
}

async function canMakeNamespaces(): Promise<boolean> {
  const name = `${PREFIX}try`;
  if (!await ip("netns", "add", name)) return false;
  const canLink = await ip("link", "add", BRIDGE, "type", "bridge");
  await ip("link", "delete", BRIDGE);
  await ip("netns", "delete", name);
  return canLink;
}

/** Runs a test with a namespace for each node, all connected to a bridge. */
async function withNamespaces(test: () => Promise<void>): Promise<void> {
  try {
    await mustRunIp("link", "add", BRIDGE, "type", "bridge");
    await mustRunIp("address", "add", `${BRIDGE_ADDRESS}/24`, "dev", BRIDGE);
    await mustRunIp("link", "set", BRIDGE, "up");
    for (const index of IDS.keys()) {
      const namespace = namespaceOf(index);
      await mustRunIp("netns", "add", namespace);
      const peer = ["peer", "name", "eth0", "netns", namespace];
      await mustRunIp("link", "add", namespace, "type", "veth", ...peer);
      await mustRunIp("link", "set", namespace, "master", BRIDGE, "up");
      const address = `${NETWORK}.${index + 10}/24`;
      await mustRunIp("-n", namespace, "address", "add", address, "dev", "eth0");
      await mustRunIp("-n", namespace, "link", "set", "eth0", "up");
    }
    await test();
  } finally {
    for (const index of IDS.keys()) await ip("netns", "delete", namespaceOf(index));
    await ip("link", "delete", BRIDGE);
  }
}

function startNode(url: string, cluster: string, id: string, bin: string): Deno.ChildProcess {
  return new Deno.Command("ip", {
    args: [
      ...["netns", "exec", namespaceOf(IDS.indexOf(id)), Deno.execPath()],
      ...["run", "--quiet", "--no-prompt", `--allow-net=${new URL(url).host}`, bin],
      ...["--transport", url, "--cluster", cluster, "--node-id", id, "--nodes", IDS.join(",")],
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Resolves when all nodes run. */
async function untilUp(url: string): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", `--allow-net=${new URL(url).host}`],
      ...["tests/transport/nats/with_server/up.ts", url, ...WORKLOADS.map(([name]) => name)],
    ],
  }).output();
  assert(success, "a node did not start");
}

/** Resolves when the run in a folder has written operations; throws after a minute. */
async function untilBegun(folder: string): Promise<void> {
  for (let waited = 0; waited < 60; waited++) {
    await sleep(1);
    const runs = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
    const sizes = runs.map(({ name }) => Deno.stat(`${folder}/${name}/history.jsonl`));
    const [history] = await Promise.allSettled(sizes);
    if (history?.status === "fulfilled" && history.value.size > 0) return;
  }
  throw new Error(`the run in ${folder} has not begun`);
}

const WORKLOADS = [
  ["broadcast", "nodes/broadcast.ts", []],
  ["g-counter", "nodes/g_counter.ts", []],
  ["txn-rw-register", "nodes/txn_rw_register.ts", ["--consistency-models", "causal-cerone"]],
] as const;

const name = "nodes in three network namespaces survive that one is cut by the operating system";
const canRun = hasNatsServer && await canMakeNamespaces();
Deno.test({
  name: canRun ? name : `${name} (skipped: it needs root, ip and nats-server)`,
  ignore: !canRun,
  fn: () =>
    withNamespaces(() =>
      withNatsServer(
        async ({ url, folder }) => {
          const nodes = WORKLOADS.flatMap(([workload, bin]) =>
            IDS.map((id) => startNode(url, workload, id, bin))
          );
          const logs = nodes.map(({ stderr }) => new Response(stderr).text());
          const isolated = namespaceOf(2);
          const test = (workload: string, args: readonly string[]) =>
            runMaelstromTask([
              ...["test", "-w", workload, "--node-count", "3", "--engine", "nats"],
              ...["--nats", url, "--nats-join", workload, "--store", `${folder}/${workload}`],
              ...["--time-limit", "16", "--rate", "30", "--concurrency", "6", ...args],
            ]);
          try {
            await untilUp(url);
            const tests = Promise.all(WORKLOADS.map(([workload, , args]) => test(workload, args)));
            // The operations last longer than the cut.
            await Promise.all(
              WORKLOADS.map(([workload]) => untilBegun(`${folder}/${workload}/${workload}`)),
            );
            await mustRunIp("-n", isolated, "link", "set", "eth0", "down");
            await sleep(8);
            await mustRunIp("-n", isolated, "link", "set", "eth0", "up");
            for (const { code, stdout, stderr } of await tests) {
              assertEquals(code, 0, stdout + stderr);
              assertStringIncludes(stdout, "Everything looks good!");
              // Clients of the node that was cut had no replies meanwhile.
              assertStringIncludes(stdout, " at n2 only");
            }
          } finally {
            for (const node of nodes) node.kill("SIGTERM");
          }
          for (const [index, log] of (await Promise.all(logs)).entries()) {
            const isCut = IDS[index % IDS.length] === "n2";
            assertEquals(log.includes("connected to NATS again"), isCut, log);
          }
          for (const { code } of await Promise.all(nodes.map(({ status }) => status))) {
            assertEquals(code, 0);
          }
        },
        "",
        BRIDGE_ADDRESS,
      )
    ),
});
