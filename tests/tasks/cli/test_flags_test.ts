import { assertEquals, assertThrows } from "std/testing";
import { BadArguments } from "../../../tasks/cli/exit_code.ts";
import { readTestCommandLine, testOptions } from "../../../tasks/cli/test_flags.ts";

function optionsOf(...args: string[]) {
  return testOptions(readTestCommandLine(args).flags, "seed");
}

Deno.test("flags that are not given have Maelstrom's defaults", () => {
  assertEquals(optionsOf("-w", "echo", "--bin", "x"), {
    workload: "echo",
    nodes: ["n1", "n2", "n3", "n4", "n5"],
    concurrency: 5,
    timeLimit: 60,
    rate: 5,
    latency: { mean: 0, distribution: "constant" },
    nemesis: [],
    nemesisInterval: 10,
    topology: "grid",
    consistencyModels: ["strict-serializable"],
    maxTxnLength: 4,
    maxWritesPerKey: 16,
    seed: "seed",
  });
});

Deno.test("each flag of Maelstrom's sets its option", () => {
  const line = "--workload broadcast --node-count 3 --nodes a,b --time-limit 2.5 --rate 0.5 " +
    "--concurrency 4n --latency 10 --latency-dist uniform --nemesis partition,kill " +
    "--nemesis-interval 0.5 --topology tree4 --availability total --consistency-models PL-2,PL-3 " +
    "--key-count 7 --max-txn-length 2 --max-writes-per-key 8";
  assertEquals(optionsOf(...line.split(" ")), {
    workload: "broadcast",
    nodes: ["n0", "n1", "n2"],
    concurrency: 12,
    timeLimit: 2.5,
    rate: 0.5,
    latency: { mean: 10, distribution: "uniform" },
    nemesis: ["partition", "kill"],
    nemesisInterval: 0.5,
    topology: "tree4",
    availability: "total",
    consistencyModels: ["PL-2", "PL-3"],
    keyCount: 7,
    maxTxnLength: 2,
    maxWritesPerKey: 8,
    seed: "seed",
  });
});

Deno.test("what stands behind -- belongs to the nodes, whatever it looks like", () => {
  const line = readTestCommandLine(["--rate=2", "--", "--rate", "3", "–x", "--", "a b"]);
  assertEquals(line.flags.rate, 2);
  assertEquals(line.nodeArgs, ["--rate", "3", "–x", "--", "a b"]);
});

const refused: readonly (readonly [string, string])[] = [
  ["--rate -1", "--rate takes a number from 0, not '-1'"],
  ["--rate=-1", "--rate takes a number from 0, not '-1'"],
  ["--rate Infinity", "not 'Infinity'"],
  ["--rate --latency 3", "--rate takes a value (--rate R), not nothing"],
  ["-w", "--workload takes a value"],
  ["--time-limit 10s", "--time-limit takes a number from 0"],
  ["--concurrency 0", "--concurrency takes a number, or one such as 4n"],
  ["--concurrency 1.5n", "--concurrency takes a number, or one such as 4n"],
  ["--node-count 0", "--node-count takes an integer from 1"],
  ["--nodes a,a", "--nodes takes different ids"],
  ["--nodes c1,n1", "not those of clients"],
  ["--nodes n1,lin-kv", "not those of clients (c…) or services"],
  ["--nemesis-interval 0", "--nemesis-interval takes a number above 0"],
  ["--test-count 1.5", "--test-count takes an integer from 1"],
  ["--log-stderr=yes", "--log-stderr takes no value"],
  ["--log-stderr yes", "'yes' is no flag"],
  ["--no-log-stderr", "There is no flag '--no-log-stderr'"],
  ["-1", "There is no flag '-1'"],
  ["--nodecount 3", "Did you mean --node-count"],
  ["–nemesis partition", "Type it as: --nemesis"],
  ["–-nemesis partition", "Type it as: --nemesis"],
  ["—nemesis partition", "Type it as: --nemesis"],
  ["-–nemesis partition", "Type it as: --nemesis"],
  ["−−nemesis partition", "Type it as: --nemesis"],
];

for (const [line, message] of refused) {
  Deno.test(`'${line}' is refused`, () => {
    assertThrows(() => optionsOf("--bin", "x", ...line.split(" ")), BadArguments, message);
  });
}
