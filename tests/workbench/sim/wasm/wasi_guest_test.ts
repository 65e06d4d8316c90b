import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "std/testing";
import { StartError } from "../../../../lib/workbench/mod.ts";
import {
  checkDeterminism,
  loadAnyProgram,
  simulate,
  type SimulationOptions,
} from "../../../../lib/workbench/sim/mod.ts";
import { FAULT_NAMES } from "../../../../lib/workbench/fault/mod.ts";
import { workloads } from "../../../../lib/workload/mod.ts";
import { compileProgram, compileText, withModule } from "./assembly.ts";

const echo = await compileProgram("echo");

function runEcho(behaviour: string, options: SimulationOptions = {}) {
  return withModule(
    echo,
    async (path) =>
      await simulate(await loadAnyProgram({ path }), workloads.echo, {
        nodes: 1,
        timeLimitSeconds: 2,
        args: behaviour === "" ? [] : [behaviour],
        ...options,
      }),
  );
}

Deno.test("a program for WASI echoes, and its log is the node's", async () => {
  const run = await runEcho("sleep");
  assertEquals(run.results["valid?"], true);
  assert(run.history.length > 10);
  assertEquals(run.log[0]?.line, "slept 250 ms, input: false");
});

Deno.test("a program for WASI that never yields ends at the place of its loop", async () => {
  const run = await runEcho("spin");
  assertEquals(run.results["valid?"], false);
  const [problem] = run.problems;
  assertMatch(problem?.problem ?? "", /did not yield after \d+ ms: its code made more than 2\d{8}/);
  assertStringIncludes(problem?.line ?? "", "spinForever");
});

Deno.test("a program for WASI whose recursion does not end in time is named, too", async () => {
  const { problems } = await runEcho("recurse");
  assertStringIncludes(problems[0]?.line ?? "", "recurse");
});

Deno.test("a program for WASI that waits for a time that never comes ends at its place", async () => {
  const [problem] = (await runEcho("forever")).problems;
  assertMatch(
    problem?.problem ?? "",
    /^it waits forever after \d+ ms: it waits in poll_oneoff for more than 10 days, and not for/,
  );
  assertStringIncludes(problem?.line ?? "", "sleep");
});

/** Asserts that a run's log names a problem once, and the functions in which the program waits. */
function assertNamed(
  { log }: { readonly log: readonly { readonly line: string }[] },
  problem: string,
  functions: readonly string[],
) {
  const lines = log.map(({ line }) => line);
  const named = lines.indexOf(`the program ${problem}`);
  assert(named >= 0, lines.join("\n"));
  assertEquals(lines.lastIndexOf(`the program ${problem}`), named);
  for (const [index, name] of functions.entries()) {
    assertStringIncludes(lines[named + 1 + index] ?? "", name);
  }
}

Deno.test("the log names where a program for WASI sleeps and does not read its input", async () => {
  assertNamed(
    await runEcho("inattentive", { timeLimitSeconds: 30 }),
    "has not read its input for 5 s: it waits in poll_oneoff, and not for stdin",
    ["sleep (0x", "misbehave (0x"],
  );
});

Deno.test("the log names where a program for WASI waits that replies to no request", async () => {
  assertNamed(
    await runEcho("unanswered", { timeLimitSeconds: 30 }),
    "has written nothing to stdout for 5 s since a request arrived: it waits for input",
    ["readLine (0x", "misbehave (0x"],
  );
});

Deno.test("a program for WASI that waits long for input is idle, and costs no events", async () => {
  const run = await runEcho("patient");
  assertEquals([run.problems, run.crashes], [[], []]);
  assert(run.steps < 1000, `${run.steps} events`);
});

Deno.test("waiting for a descriptor that is not open fails", async () => {
  assertEquals((await runEcho("descriptor")).log[0]?.line, "descriptor: 8");
});

Deno.test("a trap ends the node with the functions that were running", async () => {
  const { crashes, log } = await runEcho("trap");
  assertEquals(crashes[0]?.exit.code, 134);
  const text = log.map(({ line }) => line).join("\n");
  assertMatch(text, /the program trapped: RuntimeError: unreachable\n\s+at .*misbehave \(0x/);
});

Deno.test("a program for WASI exits with its code", async () => {
  assertEquals((await runEcho("exit")).crashes[0]?.exit.code, 3);
});

Deno.test("a call that the simulation lacks fails, and the log names it once", async () => {
  const lines = (await runEcho("socket")).log.map(({ line }) => line);
  const named = "the program called sock_shutdown, which a simulated node does not have: " +
    "ENOTSUP; use stdin and stdout, or --engine process";
  assertEquals(lines.filter((line) => line === named).length, 1);
  assertStringIncludes(lines.join("\n"), "shutdown: 58");
});

Deno.test("waiting for nothing is an error, not a wait without end", async () => {
  assertEquals((await runEcho("nothing")).log[0]?.line, "poll: 28");
});

Deno.test("a malformed line of a program for WASI is a problem of its node", async () => {
  const { problems } = await runEcho("malformed");
  assertStringIncludes(problems[0]?.line ?? "", "no JSON");
});

Deno.test("a paused and a restarted program for WASI handle what arrives afterwards", async () => {
  const run = await runEcho("", {
    nodes: 2,
    script: async ({ sleep, pause, resume, kill, restart }) => {
      await sleep(300);
      pause("n0");
      await sleep(300);
      resume("n0");
      await kill("n1");
      await sleep(100);
      await restart("n1");
    },
  });
  assertEquals(run.results["valid?"], true);
  const served = (node: string) =>
    run.journal.filter(({ time, type, message }) =>
      type === "send" && message.src === node && time > 800_000_000
    ).length;
  assert(served("n0") > 0 && served("n1") > 0);
});

Deno.test("runs of a program for WASI are the same byte for byte, with each fault", async () => {
  await withModule(await compileProgram("broadcast"), async (path) => {
    const program = await loadAnyProgram({ path });
    for (const fault of FAULT_NAMES) {
      const result = await checkDeterminism(program, workloads.broadcast, {
        nodes: 3,
        timeLimitSeconds: 3,
        faults: [fault],
        nemesisIntervalSeconds: 0.5,
        seed: 3,
      });
      assertEquals(result.differences, [], fault);
    }
  });
});

Deno.test("seeds give different runs of a program for WASI, and it broadcasts", async () => {
  await withModule(await compileProgram("broadcast"), async (path) => {
    const program = await loadAnyProgram({ path });
    const first = (seed: number) =>
      simulate(program, workloads.broadcast, { nodes: 3, timeLimitSeconds: 5, seed });
    const [one, other] = [await first(1), await first(2)];
    assertEquals(one.results["valid?"], true);
    assertMatch(one.log[0]?.line ?? "", /^started at 1735689600000 with \d+$/);
    assert(one.log[0]?.line !== other.log[0]?.line);
  });
});

Deno.test("a module that is not a program for WASI or Go is refused with the reason", async () => {
  const problemOf = (module: Uint8Array) =>
    withModule(module, async (path) => {
      const error = await assertRejects(() => loadAnyProgram({ path }), StartError);
      return error.message.replace(path, "PATH");
    });
  const importing = (module: string, name: string) =>
    compileText(
      `@external("${module}", "${name}") declare function f(): void;
       export function _start(): void { f(); }`,
    );
  const refused = async (module: string, name: string) => problemOf(await importing(module, name));
  const wasi = "wasi_snapshot_preview1";
  assertStringIncludes(await refused("env", "print"), "it imports env.print: it expects a host of");
  assertStringIncludes(await refused("wasi_unstable", "fd_read"), "before preview 1");
  assertStringIncludes(await refused("wasi", "thread-spawn"), "it needs threads");
  assertStringIncludes(await refused(wasi, "fd_fly"), `it imports ${wasi}.fd_fly: the simulation`);
  assertStringIncludes(
    await problemOf(await compileText("export function run(): void {}")),
    "it exports no _start, so it is a library, not a program",
  );
  assertEquals(
    await problemOf(new TextEncoder().encode("#!/bin/sh\necho")),
    "--bin PATH cannot be simulated: it is not a WebAssembly module.",
  );
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  assertStringIncludes(await problemOf(component), "it is a component, not a core module");
  assertStringIncludes(await problemOf(echo.subarray(0, echo.length - 9)), "it ends too early");
});
