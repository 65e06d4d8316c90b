/**
 * The lin-kv workload: a key-value store whose keys are linearizable registers.
 *
 * Keys 0, 1, 2, … are worked on side by side, each by a group of two workers a node: the first half
 * of the group reads, the other half writes (1 in 3) and compares-and-sets (2 in 3) values 0 to 4.
 * A history with many operations of unknown outcome takes for ever to check, and each of them makes
 * a new process; so once more than 20 processes have had to do with a key, its group takes up a
 * fresh one.
 *
 * Maelstrom means every group to have readers, but Jepsen counts them from the first worker of all,
 * so that there only the first group reads. Here every group does.
 *
 * @module
 */

import type { Json, Random } from "../base/mod.ts";
import { checkLinearizableRegisters } from "../check/linearizable/mod.ts";
import { linKv as contract } from "../contract/mod.ts";
import type { Generator, GeneratorContext, Invocation } from "./generator.ts";
import type { TestOptions } from "./options.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import type { Client, Completion, Connection, Workload } from "./workload.ts";

const VALUES = 5;
/** How many processes may have to do with a key. */
const PROCESSES_PER_KEY = 20;
const LEAST_TIMEOUT_MS = 1000;

const readRpc = defineRpc(contract.read);
const writeRpc = defineRpc(contract.write);
const casRpc = defineRpc(contract.cas);

/** The workers of one key at a time. */
interface Group {
  readonly workers: readonly number[];
  readonly readers: readonly number[];
  key: number;
  processes: Set<number>;
}

function registerGenerator(options: TestOptions, random: Random): Generator {
  const half = options.nodes.length;
  const size = 2 * half;
  // With more than ten nodes a group alone is more than Maelstrom's twenty processes.
  const most = Math.max(PROCESSES_PER_KEY, size);
  let nextKey = 0;
  const groups = Array.from({ length: options.concurrency / size }, (_, index): Group => {
    const workers = Array.from({ length: size }, (_, worker) => index * size + worker);
    return { workers, readers: workers.slice(0, half), key: nextKey++, processes: new Set() };
  });
  return {
    next(context) {
      const free = new Set(context.free.map((worker) => Math.floor(worker / size)));
      const group = groups[random.pick([...free])] as Group;
      const processes = group.workers.map((worker) => context.processOf(worker));
      for (const process of processes) group.processes.add(process);
      if (group.processes.size > most) {
        group.key = nextKey++;
        group.processes = new Set(processes);
      }
      return invocationOf(group, context, random);
    },
  };
}

/** A reader's or a writer's operation: either with the same chance where both are free. */
function invocationOf({ workers, readers, key }: Group, context: GeneratorContext, random: Random) {
  const free = context.free.filter((worker) => workers.includes(worker));
  const reader = free.find((worker) => readers.includes(worker));
  const writer = free.find((worker) => !readers.includes(worker));
  if (writer === undefined || (reader !== undefined && random.chance(1 / 2))) {
    return { worker: reader as number, invocation: { f: "read", value: [key, null] } };
  }
  const invocation: Invocation = random.chance(1 / 3)
    ? { f: "write", value: [key, random.integer(VALUES)] }
    : { f: "cas", value: [key, [random.integer(VALUES), random.integer(VALUES)]] };
  return { worker: writer, invocation };
}

function registerClient(connection: Connection, { latency }: TestOptions): Client {
  const timeout = Math.max(LEAST_TIMEOUT_MS, 10 * latency.mean);
  async function perform({ f, value }: Invocation): Promise<Completion> {
    const [key, argument] = value as [Json, Json];
    switch (f) {
      case "read": {
        const { value } = await readRpc(connection, { key }, timeout);
        return { type: "ok", value: [key, value] };
      }
      case "write":
        await writeRpc(connection, { key, value: argument }, timeout);
        return { type: "ok" };
      default: {
        const [from, to] = argument as [Json, Json];
        await casRpc(connection, { key, from, to }, timeout);
        return { type: "ok" };
      }
    }
  }
  return {
    invoke: (invocation) => withErrors(invocation.f === "read", () => perform(invocation)),
  };
}

/** Maelstrom's `lin-kv`. */
export const linKv: Workload = {
  name: "lin-kv",
  summary: "a key-value store whose keys are linearizable registers",
  reusesClients: true,
  problem({ nodes, concurrency }) {
    const size = 2 * nodes.length;
    if (concurrency > 0 && concurrency % size === 0) return undefined;
    const right = size * Math.max(1, Math.ceil(concurrency / size));
    return `lin-kv works on each key with two workers a node, so with ${nodes.length} nodes the ` +
      `concurrency must be a multiple of ${size} (2n), and ${concurrency} is none; ` +
      `the next that is one is ${right} (${right / nodes.length}n)`;
  },
  generator: registerGenerator,
  client: registerClient,
  check: (history, { now }) => checkLinearizableRegisters(history, { now }),
};
