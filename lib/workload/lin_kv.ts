/**
 * The lin-kv workload: a key-value store whose keys are linearizable registers.
 *
 * Keys 0, 1, 2, … are tested concurrently, each by a group of two workers a node. The first half of
 * the first group reads. All other workers write (1 in 3) and compare-and-set (2 in 3) values 0 to 4.
 * So the fraction of reads is 1/2 with one group, 1/4 with two. Maelstrom probably intends every
 * group to have readers, but Jepsen counts a group's readers from the first worker of all.
 *
 * Checking can take time exponential in the number of indeterminate operations, and each of them
 * starts a new process. So a group moves to a fresh key when more than 20 processes have used the
 * current one.
 *
 * @module
 */

import type { Json, Random } from "../base/mod.ts";
import { checkLinearizableRegisters, type RegistersVerdict } from "../check/linearizable/mod.ts";
import { linKv as contract } from "../contract/mod.ts";
import type { Generator, GeneratorContext, Invocation } from "./generator.ts";
import type { TestOptions } from "./options.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import { keyReads } from "./state_reads.ts";
import type { Client, Completion, Connection, Workload } from "./workload.ts";

/** The number of different values. */
const VALUES = 5;
/** The number of processes that may use a key. */
const MAX_PROCESSES_PER_KEY = 20;
const MIN_TIMEOUT_MS = 1000;
/** A request waits for up to this many mean latencies. */
const TIMEOUT_LATENCIES = 10;

const readRpc = defineRpc(contract.read);
const writeRpc = defineRpc(contract.write);
const casRpc = defineRpc(contract.cas);

/** The workers that test one key at a time. */
interface Group {
  readonly workers: readonly number[];
  key: number;
  /** The processes that used the key. */
  processes: Set<number>;
}

/** The number of workers that test a key. */
function groupSize(nodeCount: number): number {
  return 2 * nodeCount;
}

function registerGenerator(options: TestOptions, random: Random): Generator {
  const readerCount = options.nodes.length;
  const size = groupSize(readerCount);
  // With more than ten nodes, the workers of a group alone are more than Maelstrom's 20 processes.
  const maxProcesses = Math.max(MAX_PROCESSES_PER_KEY, size);
  let nextKey = 0;
  const groups = Array.from({ length: options.concurrency / size }, (_, index): Group => {
    const workers = Array.from({ length: size }, (_, worker) => index * size + worker);
    return { workers, key: nextKey++, processes: new Set() };
  });
  return {
    next(context) {
      const free = new Set(context.free.map((worker) => Math.floor(worker / size)));
      const group = groups[random.pick([...free])] as Group;
      const processes = group.workers.map((worker) => context.processOf(worker));
      for (const process of processes) group.processes.add(process);
      if (group.processes.size > maxProcesses) {
        group.key = nextKey++;
        group.processes = new Set(processes);
      }
      return assignmentFor(group, context, readerCount, random);
    },
  };
}

/**
 * Assigns an operation to a free reader or writer of a group. Where both are free, each has the
 * same chance.
 */
function assignmentFor(
  { workers, key }: Group,
  context: GeneratorContext,
  readerCount: number,
  random: Random,
) {
  const free = context.free.filter((worker) => workers.includes(worker));
  const reader = free.find((worker) => worker < readerCount);
  const writer = free.find((worker) => worker >= readerCount);
  if (writer === undefined || (reader !== undefined && random.chance(1 / 2))) {
    return { worker: reader as number, invocation: { f: "read", value: [key, null] } };
  }
  const invocation: Invocation = random.chance(1 / 3)
    ? { f: "write", value: [key, random.integer(VALUES)] }
    : { f: "cas", value: [key, [random.integer(VALUES), random.integer(VALUES)]] };
  return { worker: writer, invocation };
}

function clientTimeoutMs({ latency }: TestOptions): number {
  return Math.max(MIN_TIMEOUT_MS, TIMEOUT_LATENCIES * latency.meanMs);
}

function registerClient(connection: Connection, options: TestOptions): Client {
  const timeoutMs = clientTimeoutMs(options);
  async function perform({ f, value }: Invocation): Promise<Completion> {
    const [key, argument] = value as [Json, Json];
    switch (f) {
      case "read": {
        const { value } = await readRpc(connection, { key }, timeoutMs);
        return { type: "ok", value: [key, value] };
      }
      case "write":
        await writeRpc(connection, { key, value: argument }, timeoutMs);
        return { type: "ok" };
      default: {
        const [from, to] = argument as [Json, Json];
        await casRpc(connection, { key, from, to }, timeoutMs);
        return { type: "ok" };
      }
    }
  }
  return {
    invoke: (invocation) => withErrors(invocation.f === "read", () => perform(invocation)),
  };
}

/** Maelstrom's `lin-kv`. */
export const linKv: Workload<RegistersVerdict> = {
  name: "lin-kv",
  summary: "a key-value store whose keys are linearizable registers",
  reusesClients: true,
  defaults: ({ length }) => ({ concurrency: groupSize(length) }),
  problem({ nodes, concurrency }) {
    const size = groupSize(nodes.length);
    if (concurrency > 0 && concurrency % size === 0) return undefined;
    const next = size * Math.max(1, Math.ceil(concurrency / size));
    return `concurrency must be a multiple of ${size} for lin-kv on ${nodes.length} nodes ` +
      `(two workers a node for each key), got ${concurrency}; ` +
      `use ${next} (--concurrency ${next / nodes.length}n)`;
  },
  generator: registerGenerator,
  client: registerClient,
  clientTimeoutMs,
  reads: keyReads,
  check: (history, { now }) => checkLinearizableRegisters(history, { now }),
};
