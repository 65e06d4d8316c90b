import { assert, assertEquals } from "std/testing";
import {
  contract,
  type Json,
  type NodeFunction,
  parseNodeFlags,
  serveContract,
} from "../../../lib/node/mod.ts";
import { lamport } from "../../../lib/protocol/log/lamport.ts";
import { LamportLog } from "../../../lib/protocol/log/lamport_log.ts";
import { type Log, logFlags, makeLog, then } from "../../../lib/protocol/log/mod.ts";
import { owner } from "../../../lib/protocol/log/owner.ts";
import { logHandlers } from "../../../nodes/kafka.ts";
import { commitsGoneBack, faultsFound, run } from "./scenarios.ts";

const settings = {
  patience: 1000,
  window: 5,
  ...parseNodeFlags([], logFlags),
  limits: { perKey: 1000, perPoll: 10_000 },
  retain: Infinity,
};

/** A node whose log has a fault, or none. */
function nodeWith(plant: (log: Log) => Partial<Log>): NodeFunction {
  return (node) => {
    const log = makeLog(node, parseNodeFlags([], logFlags));
    serveContract(node, contract.kafka, logHandlers({ ...log, ...plant(log) }));
  };
}

function everyNth(n: number): () => boolean {
  let count = 0;
  return () => ++count % n === 0;
}

/** Gives the offset of the send before to every ninth send. */
function usesOffsetsTwice(log: Log): Partial<Log> {
  const last = new Map<string, number>();
  const now = everyNth(9);
  return {
    send(key, message) {
      const used = last.get(key);
      if (used !== undefined && now()) return used;
      return then(log.send(key, message), (offset) => {
        last.set(key, offset);
        return offset;
      });
    },
  };
}

/** Says that less is committed than was. */
function goesBackWithCommits(log: Log): Partial<Log> {
  const now = everyNth(2);
  return {
    committed: (keys) =>
      then(log.committed(keys), (offsets) => {
        const isBack = now();
        return Object.fromEntries(
          Object.entries(offsets).map((
            [key, offset],
          ) => [key, Math.max(0, offset - (isBack ? 1 : 0))]),
        );
      }),
  };
}

/** Leaves the second entry of a run out. */
function skipsEntries(log: Log): Partial<Log> {
  return {
    poll: (offsets) =>
      then(log.poll(offsets), (polled) =>
        Object.fromEntries(
          Object.entries(polled).map(([key, run]) => [key, run.filter((_, place) => place !== 1)]),
        )),
  };
}

/** Takes each promise of another node for one more than it is. */
class OffByOne extends LamportLog {
  override apply(writer: number, batch: Json): void {
    const { keys, commits } = batch as {
      keys: [string, number, number[], Json[]][];
      commits: Json;
    };
    const off = keys.map(([key, promise, ...entries]): Json => [key, promise + 1, ...entries]);
    super.apply(writer, { keys: off, commits });
  }
}

const offByOne: NodeFunction = (node) => {
  const log = lamport(node, settings, (own) => new OffByOne(own));
  serveContract(node, contract.kafka, logHandlers(log));
};

/** Does a batch of forwarded sends each time it comes. */
const forwardsTwice: NodeFunction = (node) => {
  const log = owner(node, settings, { once: (_batch, act) => act() });
  serveContract(node, contract.kafka, logHandlers(log));
};

const healthy = nodeWith(() => ({}));

async function findings(program: NodeFunction, nemesis: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (let seed = 0; seed < 6; seed++) {
    const ran = await run([], seed, {
      program,
      options: { nemesis, ratePerSecond: 120, timeLimitSeconds: 6 },
    });
    for (const fault of faultsFound(ran)) found.add(fault);
    if (commitsGoneBack(ran).length > 0) found.add("commit-gone-back");
  }
  return found;
}

const planted: readonly [
  name: string,
  NodeFunction,
  nemesis: readonly string[],
  finding: string,
][] = [
  ["an offset used twice", nodeWith(usesOffsetsTwice), [], "inconsistent-offsets"],
  ["a commit that goes back", nodeWith(goesBackWithCommits), [], "nonmonotonic-commit"],
  ["a poll that skips an entry", nodeWith(skipsEntries), [], "int-poll-skip"],
  ["a watermark off by one", offByOne, ["partition", "slow"], "poll-skip"],
  ["a forward done twice after a retry", forwardsTwice, ["loss", "slow"], "duplicate"],
];
for (const [name, program, nemesis, finding] of planted) {
  Deno.test(`${name} is found, and nothing is found without it`, async () => {
    const found = await findings(program, nemesis);
    assert(found.has(finding), `only ${[...found].join(", ")}`);
    assertEquals(await findings(healthy, nemesis), new Set());
  });
}
