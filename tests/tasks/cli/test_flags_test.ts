import { assertEquals, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { readTestCommandLine, testOptions } from "../../../tasks/cli/test_flags.ts";

function optionsOf(...args: string[]) {
  const { flags } = readTestCommandLine(args);
  return testOptions(flags, findWorkload(flags.workload ?? "lin-kv") as Workload, "seed");
}

Deno.test("omitted flags have Maelstrom's defaults", () => {
  assertEquals(optionsOf("-w", "echo", "--bin", "x"), {
    workload: "echo",
    nodes: ["n1", "n2", "n3", "n4", "n5"],
    concurrency: 5,
    timeLimitSeconds: 60,
    ratePerSecond: 5,
    latency: { meanMs: 0, distribution: "constant" },
    nemesis: [],
    nemesisIntervalSeconds: 10,
    topology: "grid",
    consistencyModels: ["strict-serializable"],
    maxTxnLength: 4,
    maxWritesPerKey: 16,
    seed: "seed",
  });
});

Deno.test("each of Maelstrom's flags sets its option", () => {
  const line = "--workload broadcast --node-count 3 --nodes a,b --time-limit 2.5 --rate 0.5 " +
    "--concurrency 4n --latency 10 --latency-dist uniform --nemesis partition,kill " +
    "--nemesis-interval 0.5 --topology tree4 --availability total --consistency-models PL-2,PL-3 " +
    "--key-count 7 --max-txn-length 2 --max-writes-per-key 8";
  assertEquals(optionsOf(...line.split(" ")), {
    workload: "broadcast",
    nodes: ["n0", "n1", "n2"],
    concurrency: 12,
    timeLimitSeconds: 2.5,
    ratePerSecond: 0.5,
    latency: { meanMs: 10, distribution: "uniform" },
    nemesis: ["partition", "kill"],
    nemesisIntervalSeconds: 0.5,
    topology: "tree4",
    availability: "total",
    consistencyModels: ["PL-2", "PL-3"],
    keyCount: 7,
    maxTxnLength: 2,
    maxWritesPerKey: 8,
    seed: "seed",
  });
});

Deno.test("arguments after -- go to the nodes unchanged", () => {
  const line = readTestCommandLine(["--rate=2", "--", "--rate", "3", "–x", "--", "a b"]);
  assertEquals(line.flags.rate, 2);
  assertEquals(line.nodeArgs, ["--rate", "3", "–x", "--", "a b"]);
});

const rejected: readonly (readonly [string, string])[] = [
  ["--rate -1", '--rate must be a number from 0, got "-1"'],
  ["--rate=-1", '--rate must be a number from 0, got "-1"'],
  ["--rate Infinity", 'got "Infinity"'],
  ["--rate --latency 3", "--rate needs a value: --rate R"],
  ["-w", "--workload needs a value"],
  ["--time-limit 10s", "--time-limit must be a number from 0"],
  ["--concurrency 0", "--concurrency must be an integer from 1, or a multiple"],
  ["--concurrency 1.5n", "--concurrency must be an integer from 1, or a multiple"],
  ["--node-count 0", "--node-count must be an integer from 1"],
  ["--nodes a,a", "--nodes must be comma-separated distinct ids"],
  ["--nodes 3", "--nodes takes ids; for 3 nodes use --node-count 3"],
  ["--nodes c1,n1", "none of a client"],
  ["--nodes n1,lin-kv", "none of a client (c…) or a service"],
  ["--nemesis-interval 0", "--nemesis-interval must be a number above 0"],
  ["--test-count 1.5", "--test-count must be an integer from 1"],
  ["--log-stderr=yes", "--log-stderr takes no value"],
  ["--log-stderr yes", 'unexpected argument "yes"'],
  ["--no-log-stderr", 'unknown flag "--no-log-stderr"'],
  ["-1", 'unknown flag "-1"'],
  ["--nodecount 3", "did you mean --node-count"],
  ["–nemesis partition", "type --nemesis"],
  ["–-nemesis partition", "type --nemesis"],
  ["—nemesis partition", "type --nemesis"],
  ["-–nemesis partition", "type --nemesis"],
  ["−−nemesis partition", "type --nemesis"],
];

for (const [line, message] of rejected) {
  Deno.test(`maelstrom test rejects "${line}"`, () => {
    assertThrows(() => optionsOf("--bin", "x", ...line.split(" ")), UsageError, message);
  });
}

Deno.test("an error about a workload that is not given names Maelstrom's default", () => {
  const text = "no --workload given: lin-kv, Maelstrom's default; concurrency must be a multiple";
  assertThrows(() => optionsOf("--bin", "x"), UsageError, text);
  const { message } = assertThrows(() => optionsOf("-w", "lin-kv", "--bin", "x"), UsageError);
  assertEquals(message.startsWith("concurrency must be a multiple of 10"), true, message);
});
