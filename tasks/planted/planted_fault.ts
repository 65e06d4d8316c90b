/**
 * Planted faults: small edits of a protocol that break it, as a programmer's slip would. An explorer
 * is as good as the share of them that it finds.
 *
 * @module
 */

import { RESTART_ANY } from "../../lib/workbench/explore/mod.ts";

/** A fault: one replacement in a source file. */
export interface PlantedFault {
  /** What goes wrong, in a few words. No other fault has this name. */
  readonly name: string;
  readonly file: string;
  /** The replaced text, which occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /**
   * The node to explore: its workload and strategy, as in `kafka owner`, and what is claimed of it if
   * that varies.
   */
  readonly subject: string;
  /** The test that finds the fault, if it only costs time or messages, which explore does not judge. */
  readonly test?: string;
}

/** A fault without its file; with its subject if that is not the one of the others, and its test. */
type Edit = readonly [name: string, from: string, to: string, subject?: string, test?: string];

/** Returns the faults of one file. */
export function faultsIn(file: string, subject: string, edits: readonly Edit[]): PlantedFault[] {
  return edits.map(([name, from, to, own = subject, test]) => ({
    name,
    file,
    from,
    to,
    subject: own,
    ...(test === undefined ? {} : { test }),
  }));
}

/** Leaders that fail again and again, as soon as they have begun to work. */
const TRIGGERED = ["--triggered", "--latency", "20", "--time-limit", "20"];
const NETWORK = "partition,one-way,pause,loss,duplicate,reorder,slow,skew";

/**
 * The arguments of explore for subjects that tolerate less than its default, or more, or claim other
 * consistency models.
 */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  "unique-ids counter": ["--nemesis", "all"],
  "unique-ids lin-kv": ["--nemesis", "all"],
  "unique-ids modulo": ["--nemesis", "partition,pause,kill,restart-settled"],
  "unique-ids snowflake": ["--nemesis", "partition,pause,kill,restart-settled"],
  "broadcast retry": ["--nemesis", `${NETWORK},partial-partition`],
  // A flush reaches all leaves at once: on a healthy network a value takes an interval and two latencies.
  "broadcast hub flushes": ["--nemesis", "none", "--latency", "5", "--convergence", "1"],
  // A tree with several levels, some of whose nodes have nothing to send after a restart.
  "broadcast tree restarts": [
    ...["--nemesis", "restart-reader,restart-settled", "--node-count", "5", "--rate", "2"],
    ...["--", "--fanout", "2"],
  ],
  // A client at one node never reads less than before.
  "g-counter seq-kv reads": ["--claims", "monotonic-reads"],
  "g-counter peers reads": [
    ...["--claims", "monotonic-reads", "--nemesis", "partition,reorder", "--node-count", "3"],
    ...["--rate", "100", "--time-limit", "10"],
  ],
  // Lost requests and replies delay reads, which still succeed.
  "g-counter peers losses": [
    ...["--nemesis", "loss", "--rate", "50", "--time-limit", "2", "--availability", "0.7"],
  ],
  "g-counter peers": ["--nemesis", `${NETWORK},restart-reader`],
  "kafka single": ["--nemesis", NETWORK],
  "kafka owner": ["--nemesis", `${NETWORK},partial-partition,restart-settled`],
  // A node that restarts loses what it has not sent, and nothing else goes wrong.
  "kafka lamport restarts": ["--nemesis", `${NETWORK},${RESTART_ANY}`],
  // Many short batches, so that some of the former incarnation arrive late.
  "kafka lamport late-batches": [
    ...["--nemesis", `loss,reorder,duplicate,${RESTART_ANY}`, "--node-count", "3"],
    ...["--key-count", "1", "--rate", "100", "--time-limit", "3", "--", "--interval", "50"],
  ],
  "kafka lin-kv": ["--nemesis", "all"],
  "kafka lin-kv commits": [
    ...["--nemesis", "partition,slow-services", "--node-count", "5", "--key-count", "1"],
    ...["--rate", "200", "--time-limit", "5"],
  ],
  "lin-kv proxy": ["--nemesis", "all"],
  "lin-kv raft": ["--nemesis", `${NETWORK},kill,disk,membership`],
  "lin-kv raft one-entry": [
    ...["--nemesis", "partition,one-way,kill,pause", ...TRIGGERED, "--node-count", "3"],
    ...["--", "--max-entries", "1"],
  ],
  "lin-kv raft late-elections": [
    ...["--nemesis", "partition,one-way,membership", ...TRIGGERED, "--node-count", "5"],
    ...["--", "--election-timeout", "2000"],
  ],
  "lin-kv raft snapshots": [
    ...["--nemesis", "partition,kill,pause", ...TRIGGERED, "--node-count", "3", "--key-count", "1"],
    ...["--", "--compact-after", "1", "--compact-factor", "0.01", "--min-timeout", "4000"],
  ],
  "lin-kv caspaxos": ["--nemesis", `${NETWORK},kill,disk,restart-settled`],
  "lin-kv caspaxos kills": [
    ...["--nemesis", "kill,partition,one-way", ...TRIGGERED],
    ...["--node-count", "3", "--key-count", "1"],
  ],
  "lin-kv caspaxos disks": [
    ...["--nemesis", "disk", "--node-count", "3", "--key-count", "1"],
    ...["--rate", "100", "--latency", "1", "--time-limit", "20"],
  ],
  "txn-list-append root": ["--nemesis", "all"],
  // With restarts the sessions of a node lose their guarantees, so its claim is that of the default.
  "txn-rw-register causal": [],
  "txn-rw-register causal sessions": [
    ...["--nemesis", `${NETWORK},partial-partition`],
    ...["--consistency-models", "causal-cerone"],
  ],
  "txn-rw-register read-uncommitted": ["--consistency-models", "read-uncommitted"],
};

/** Returns the arguments of explore for a subject; flags of the node come last. */
export function exploreArguments(subject: string): string[] {
  const [workload = "", strategy] = subject.split(" ");
  return [
    workload,
    ...(strategy === undefined ? [] : ["--strategy", strategy]),
    ...ARGUMENTS[subject] ?? [],
  ];
}
