import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { natsTest } from "../../support/nats_server.ts";
import { runMaelstromTask, type TaskOutcome } from "../../support/run_task.ts";

const partition = [
  {
    at: 2200,
    f: "start-partition",
    value: "one",
    plan: { n0: ["n2"], n1: ["n2"], n2: ["n0", "n1"] },
  },
  { at: 3700, f: "stop-partition", value: null, plan: null },
];

/** One node is killed, another one is partitioned, and then a third one is killed. */
const SCHEDULE = [
  { at: 800, f: "start-kill", value: "one", plan: { nodes: ["n1"] } },
  { at: 1600, f: "stop-kill", value: null, plan: null },
  ...partition,
  { at: 4400, f: "start-kill", value: "one", plan: { nodes: ["n0"] } },
  { at: 5000, f: "stop-kill", value: null, plan: null },
];

interface Run extends TaskOutcome {
  /** The files of the run. */
  readonly folder: string;
}

/** Runs a test of three nodes on NATS, in a store of its own. */
function run(
  store: string,
  workload: string,
  bin: string,
  args: readonly string[],
  nodeArgs: readonly string[],
): Promise<Run> {
  const folder = `${store}/${workload}-${nodeArgs.join("")}`;
  return runMaelstromTask([
    ...["test", "-w", workload, "--bin", bin, "--engine", "nats", "--node-count", "3"],
    ...["--concurrency", "6", "--rate", "30", "--store", folder, ...args, "--", ...nodeArgs],
  ]).then((outcome) => ({ ...outcome, folder: `${folder}/latest` }));
}

/** Runs a function for each item, three at a time: most of the time passes in waits. */
async function threeAtATime<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < items.length; index += 3) {
    results.push(...await Promise.all(items.slice(index, index + 3).map(run)));
  }
  return results;
}

// Nodes that keep what they have acknowledged in lin-kv or on disk. The others lose it with their
// memory, on every engine.
const DURABLE = [
  ["lin-kv", "nodes/lin_kv.ts", ["--strategy", "proxy"]],
  ["kafka", "nodes/kafka.ts", ["--strategy", "lin-kv"]],
  ["g-counter", "nodes/g_counter.ts", ["--strategy", "cas"]],
  ["txn-rw-register", "nodes/txn_rw_register.ts", ["--strategy", "lin-kv"]],
  ["broadcast", "examples/durable_broadcast.ts", []],
  ["lin-kv", "nodes/lin_kv.ts", ["--strategy", "raft"]],
] as const;

natsTest(
  "on NATS, each workload is valid while nodes are killed and partitioned",
  () =>
    inTemporaryFolder(async (store) => {
      const schedule = `${store}/schedule.json`;
      await Deno.writeTextFile(schedule, JSON.stringify(SCHEDULE));
      const flags = ["--time-limit", "6", "--schedule", schedule];
      const runs = await threeAtATime(
        DURABLE,
        ([workload, bin, args]) => run(store, workload, bin, flags, args),
      );
      for (const { code, stdout, stderr } of runs) {
        assertEquals(code, 0, stdout + stderr);
        assertStringIncludes(stdout, "Everything looks good!");
      }
      const [linKv, , , , broadcast, raft] = runs as [Run, Run, Run, Run, Run, Run];
      // The engine sees messages between nodes, and to and from the services on JetStream.
      const messages = (text: string) =>
        text.trimEnd().split("\n").map((line) => JSON.parse(line) as JournalLine);
      const gossip = messages(await Deno.readTextFile(`${broadcast.folder}/messages.jsonl`))
        .filter(({ src, dest }) => src.startsWith("n") && dest.startsWith("n"));
      const sent = gossip.filter(({ type }) => type === "send");
      const received = gossip.filter(({ type }) => type === "recv");
      assert(sent.length > 20, `${sent.length} messages between nodes were recorded`);
      assert(received.length < sent.length, "the partition dropped some of them");
      const isCut = ({ time, dest }: JournalLine) =>
        dest === "n2" && time > (sent[0] as JournalLine).time + 4e9;
      assert(received.some(isCut), "messages pass again after the partition");
      const requests = messages(await Deno.readTextFile(`${linKv.folder}/messages.jsonl`));
      for (const service of [["src", "lin-kv"], ["dest", "lin-kv"]] as const) {
        assert(requests.some((line) => line[service[0]] === service[1]), service.join(" "));
      }
      // A node that was killed has found what it stored.
      const log = await Deno.readTextFile(`${raft.folder}/node-logs/n1.log`);
      assertEquals(log.match(/\.log: 0 bytes found/g)?.length, 1, log);
      assertEquals(log.match(/\.log: [1-9]\d* bytes found/g)?.length, 1, log);
      // A restarted node has a log, and the report the same files as with other engines.
      for (const file of ["report.html", "results.json", "history.edn", "node-logs"]) {
        await Deno.stat(`${broadcast.folder}/${file}`);
      }
    }),
);

interface JournalLine {
  readonly type: "send" | "recv";
  readonly time: number;
  readonly src: string;
  readonly dest: string;
}

/** Faulty reference nodes, the anomaly that must be found, and flags that make it likely. */
const FAULTY = [
  ["lin-kv", "forget", "cannot be linearized", []],
  ["kafka", "lose", "lost-write", []],
  ["g-counter", "forget", "acceptable", []],
  ["txn-rw-register", "dirty", "G1b", ["--consistency-models", "read-committed"]],
  ["broadcast", "lossy", "lost-count", []],
] as const;

natsTest(
  "on NATS, faulty nodes are found, and a broadcast that does not retransmit",
  () =>
    inTemporaryFolder(async (store) => {
      const schedule = `${store}/schedule.json`;
      await Deno.writeTextFile(schedule, JSON.stringify(partition));
      const faulty = FAULTY.map(([workload, fault, anomaly, args]) => ({
        workload,
        anomaly,
        bin: `examples/${workload.replaceAll("-", "_")}.ts`,
        args: ["--time-limit", "8", "--rate", "100", ...args],
        nodeArgs: ["--fault", fault],
      }));
      const flood = {
        workload: "broadcast",
        anomaly: "lost-count",
        bin: "nodes/broadcast.ts",
        args: ["--time-limit", "5", "--schedule", schedule],
        nodeArgs: ["--strategy", "flood"],
      };
      const runs = await threeAtATime([...faulty, flood], async (test) => ({
        anomaly: test.anomaly,
        outcome: await run(store, test.workload, test.bin, test.args, test.nodeArgs),
      }));
      for (const { outcome: { code, stdout, stderr }, anomaly } of runs) {
        assertEquals(code, 1, stdout + stderr);
        assertStringIncludes(stdout, anomaly);
      }
    }),
);
