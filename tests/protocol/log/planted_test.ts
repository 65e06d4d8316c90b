import { assert, assertEquals } from "std/testing";
import {
  contract,
  type Json,
  type NodeFunction,
  parseNodeFlags,
  serveContract,
} from "../../../lib/node/mod.ts";
import {
  chain,
  type Log,
  logFlags,
  logHandlers,
  logSettings,
} from "../../../lib/protocol/log/mod.ts";
import { owner } from "../../../lib/protocol/log/owner.ts";
import { lamport, LamportLog } from "../../../nodes/kafka.ts";
import { faultsFound, loweredCommits, run } from "./scenarios.ts";

const settings = logSettings(parseNodeFlags([], logFlags));

/** A node with a planted fault: `plant` returns the methods that replace those of the log. */
function nodeWith(plant: (log: Log) => Partial<Log>): NodeFunction {
  return (node) => {
    const log = lamport(node, settings);
    serveContract(node, contract.kafka, logHandlers({ ...log, ...plant(log) }));
  };
}

/** Returns a function that returns true at every nth call. */
function everyNth(n: number): () => boolean {
  let calls = 0;
  return () => ++calls % n === 0;
}

/** Returns the offset of the previous send for every ninth send. */
function reusesOffsets(log: Log): Partial<Log> {
  const previous = new Map<string, number>();
  const isFaulty = everyNth(9);
  return {
    send(key, message, request) {
      const used = previous.get(key);
      if (used !== undefined && isFaulty()) return used;
      return chain(log.send(key, message, request), (offset) => {
        previous.set(key, offset);
        return offset;
      });
    },
  };
}

/** Returns committed offsets that are one too low, every second time. */
function lowersCommits(log: Log): Partial<Log> {
  const isFaulty = everyNth(2);
  return {
    committed: (keys, request) =>
      chain(log.committed(keys, request), (offsets) => {
        const error = isFaulty() ? 1 : 0;
        const lowered = Object.entries(offsets)
          .map(([key, offset]) => [key, Math.max(0, offset - error)]);
        return Object.fromEntries(lowered);
      }),
  };
}

/** Leaves out the second entry of each key of a poll. */
function skipsEntries(log: Log): Partial<Log> {
  return {
    poll: (offsets, request) =>
      chain(log.poll(offsets, request), (polled) =>
        Object.fromEntries(
          Object.entries(polled).map(([key, entries]) => [
            key,
            entries.filter((_, index) => index !== 1),
          ]),
        )),
  };
}

/** Takes each watermark of another node for one more than it is. */
class OffByOne extends LamportLog {
  override apply(writer: number, content: Json): void {
    const updates = content as [string, number, number[], Json[]][];
    const off = updates.map(([key, mark, ...entries]): Json => [key, mark + 1, ...entries]);
    super.apply(writer, off);
  }
}

const offByOne: NodeFunction = (node) => {
  const log = lamport(node, settings, (own) => new OffByOne(own));
  serveContract(node, contract.kafka, logHandlers(log));
};

/** Executes a batch of forwarded sends each time it arrives. */
const executesDuplicates: NodeFunction = (node) => {
  const log = owner(node, settings, { once: (_batch, execute) => execute() });
  serveContract(node, contract.kafka, logHandlers(log));
};

const correct = nodeWith(() => ({}));

async function findings(program: NodeFunction, faults: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let seed = 0; seed < 6; seed++) {
    const ran = await run([], seed, {
      program,
      faults,
      ratePerSecond: 120,
      timeLimitSeconds: 6,
    });
    for (const fault of faultsFound(ran)) found.add(fault);
    if (loweredCommits(ran).length > 0) found.add("lowered-commit");
  }
  return found;
}

const planted: readonly [
  name: string,
  NodeFunction,
  nemesis: readonly string[],
  finding: string,
][] = [
  ["an offset assigned twice", nodeWith(reusesOffsets), [], "inconsistent-offsets"],
  ["a lowered commit", nodeWith(lowersCommits), [], "nonmonotonic-commit"],
  ["a poll that skips an entry", nodeWith(skipsEntries), [], "int-poll-skip"],
  ["a watermark off by one", offByOne, ["partition", "slow"], "poll-skip"],
  ["a duplicate execution of a batch", executesDuplicates, ["loss", "slow"], "duplicate"],
];
for (const [name, program, nemesis, finding] of planted) {
  Deno.test(`the checker finds ${name}, and nothing in the correct node`, async () => {
    const found = await findings(program, nemesis);
    assert(found.has(finding), `found only ${[...found].join(", ")}`);
    assertEquals(await findings(correct, nemesis), new Set());
  });
}
