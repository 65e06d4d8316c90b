import { assert, assertEquals } from "std/testing";
import type { Node } from "../../lib/node/mod.ts";
import { type Progress, runTest, type TestSetup } from "../../lib/workbench/run_test.ts";
import { SimEngine } from "../../lib/workbench/sim/mod.ts";
import { completeOptions, type Workload, workloads } from "../../lib/workload/mod.ts";

const echo = (node: Node) => node.on("echo", ({ echo = null }) => ({ type: "echo_ok", echo }));

const finalGenerator: Workload["finalGenerator"] = () => {
  let left = 3;
  return {
    next: ({ free }) =>
      left-- === 0
        ? undefined
        : { worker: free[0] as number, invocation: { f: "echo", value: "final", final: true } },
  };
};

/** Runs a test of echo nodes for a virtual second. */
function run(setup: Partial<TestSetup> = {}) {
  const { workload = workloads.echo } = setup;
  return runTest({
    options: completeOptions(workload, { nodes: 2, timeLimitSeconds: 1, ratePerSecond: 50 }),
    workload,
    engine: new SimEngine(echo, [], "1"),
    journal: () => {},
    log: () => {},
    signal: new AbortController().signal,
    ...setup,
  });
}

Deno.test("the progress of a test has its phase, its time, its operations and its active faults", async () => {
  let progress: (() => Progress) | undefined;
  const seen: Progress[] = [];
  const look = () => {
    if (progress === undefined) return;
    // The counts are those of the moment.
    const { counts, ...rest } = progress();
    seen.push({ ...rest, counts: { ...counts } });
  };
  const { history } = await run({
    workload: { ...workloads.echo, finalGenerator },
    schedule: [{ at: 500, f: "start-pause", value: null, plan: { nodes: ["n1"] } }],
    onProgress: (read) => progress = read,
    journal: look,
    onOperation: look,
  });
  look();
  const phases = seen.map(({ phase }) => phase);
  assertEquals([...new Set(phases)], [
    ...["starting", "running", "recovering", "final reads", "stopping"],
  ]);
  const of = (phase: string) => seen.filter((other) => other.phase === phase);
  assert(of("starting").every(({ elapsedMs, counts }) => elapsedMs < 500 && counts.invoke === 0));
  for (const { elapsedMs, faults } of of("running")) {
    if (elapsedMs !== 500) assertEquals(faults, elapsedMs < 500 ? [] : ["pause"], `${elapsedMs}`);
  }
  assertEquals(of("final reads").at(-1)?.faults, []);
  const { elapsedMs, counts } = seen.at(-1) as Progress;
  assert(elapsedMs >= 11_000, "with the time in which the nodes recover");
  const types = history.filter(({ process }) => process !== "nemesis").map(({ type }) => type);
  const count = (type: string) => types.filter((other) => other === type).length;
  assertEquals([counts.invoke, counts.ok], [count("invoke"), count("ok")]);
});

Deno.test("the main phase lasts until its time limit, also without operations", async () => {
  const engine = new SimEngine(echo, [], "1");
  const options = completeOptions(workloads.echo, { nodes: 1, timeLimitSeconds: 3 });
  const { history } = await run({ engine, options: { ...options, ratePerSecond: 0 } });
  assertEquals([history, engine.clock.now()], [[], 3000]);
});

/** Replies with the value of a key of a service; a request to the service takes 50 ms at most. */
function reader(node: Node): void {
  node.on("echo", async () => {
    await node.rpc("seq-kv", { type: "write", key: "k", value: 7 }, { timeoutMs: 50 });
    const { value } = await node.rpc("seq-kv", { type: "read", key: "k" }, { timeoutMs: 50 });
    return { type: "echo_ok", echo: value as number };
  });
}

Deno.test("the services reply to nodes, unless the engine has its own", async () => {
  const repliesFor = async (hasServices: boolean) => {
    const engine = Object.assign(new SimEngine(reader, [], "1"), { hasServices });
    const received: string[] = [];
    const { history, problems } = await run({
      engine,
      journal: ({ type, message }) => {
        if (type === "recv") received.push(message.dest);
      },
    });
    assertEquals(problems, []);
    assert(received.includes("seq-kv"), "the journal has the requests");
    return history.filter(({ type }) => type === "ok").length;
  };
  assert(await repliesFor(false) > 10);
  assertEquals(await repliesFor(true), 0);
});
