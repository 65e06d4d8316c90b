import { assert, assertEquals, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { requireNatsFlags } from "../../../tasks/cli/nats_flags.ts";
import { flagsOf, hostsOf } from "../../../tasks/cli/run_with_net.ts";
import { readTestCommandLine } from "../../../tasks/cli/test_flags.ts";

const check = (...args: string[]) => requireNatsFlags(readTestCommandLine(args).flags);

Deno.test("flags of the engine nats need the engine and each other", () => {
  const problem = (text: string, ...args: string[]) =>
    assertThrows(() => check(...args), UsageError, text);
  const url = "nats://h:1";
  problem("--nats needs --engine nats", "--nats", url);
  problem("--nats-join needs --engine nats", "--engine", "sim", "--nats-join", "a");
  problem("--nats-creds needs --nats", "--engine", "nats", "--nats-creds", "f");
  problem("--nats-join needs --nats", "--engine", "nats", "--nats-join", "a");
  problem(
    "leave --bin out",
    ...["--engine", "nats", "--nats", url, "--nats-join", "a", "--bin", "b"],
  );
  problem("--latency: the engine nats has the latency", "--engine", "nats", "--latency", "10");
  check("--engine", "nats", "--bin", "a", "--latency", "0");
  check("--engine", "nats", "--nats", url, "--nats-join", "a", "--nats-creds", "f");
  check("--engine", "process", "--latency", "10");
});

Deno.test("a command needs the network for the engine nats only, and its server only", () => {
  assertEquals(hostsOf(["test", "--engine", "process", "--bin", "nats"]), []);
  assertEquals(hostsOf(["test", "--engine", "nats"]), ["127.0.0.1"]);
  const server = (url: string) => hostsOf(["test", "--engine=nats", `--nats=${url}`]);
  assertEquals(server("nats://10.0.0.1:1,tls://[::1]"), ["10.0.0.1:1", "[::1]:4222"]);
  // Deno looks a name up, and asks for the permission to reach its addresses.
  assertEquals(server("nats://10.0.0.1,nats://host:1"), undefined);
  assertEquals(hostsOf(["test", "--engine", "sim", "--", "--engine", "nats"]), []);
  assertEquals(hostsOf(["test", "--engine", "nats", "--engine", "sim"]), []);
  assertEquals(hostsOf(["test", "--engine"]), []);
});

Deno.test("a command that runs again has the flags of its task", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  for (const name of ["maelstrom", "challenge"]) {
    const flags = flagsOf(`file:///anywhere/tasks/${name}.ts`);
    assertEquals(tasks[name].command, `deno run ${flags.join(" ")} tasks/${name}.ts`);
    assert(flags.includes("--allow-run") && !flags.some((flag) => flag.startsWith("--allow-net")));
  }
  assertThrows(() => flagsOf("file:///anywhere/tasks/other_program.ts"), Error, "has no task");
});
