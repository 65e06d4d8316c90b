/**
 * What the final phase of the kafka workload shows of the logs: the messages up to the highest
 * offset of the main phase, and the committed offsets.
 *
 * @module
 */

import type { History, Operation } from "../history/mod.ts";
import {
  type Offsets,
  type PolledMessages,
  polledOffsets,
  raise,
  sentOffsets,
  sortedKeys,
} from "./kafka_offsets.ts";
import type { FinalState, StatePart, StateReads } from "./state_reads.ts";

const COMMITTED = "committed";

/** The reads of kafka. Polls are not among them, since a client commits what it has polled. */
export const kafkaReads: StateReads = {
  isRead: ({ f }) => f !== "send",
  losses: ["lost-write", "unseen", "poll-skip", "int-poll-skip", "nonmonotonic-commit"],
  finalState,
};

function finalState(main: History): FinalState {
  const targets: Offsets = new Map();
  const commits = new Map<string, number>();
  for (const operation of main) {
    for (const [key, offset] of sentOffsets(operation)) raise(targets, key, offset);
    for (const [key, offset] of polledOffsets(operation)) {
      if (offset < 0) continue;
      raise(targets, key, offset);
      raise(commits, commitName(key), offset);
    }
  }
  const keys = sortedKeys(targets.keys());
  return {
    ...(keys.length === 0 ? {} : { first: { f: COMMITTED, value: keys, final: true } }),
    *observed({ f, value }: Operation): Iterable<StatePart> {
      if (f === COMMITTED) {
        for (const [key, offset] of Object.entries(value as Record<string, number>)) {
          yield [commitName(key), offset];
        }
      } else if (f === "poll") {
        for (const [, polled] of value as ["poll", PolledMessages][]) {
          for (const [key, messages] of Object.entries(polled)) {
            const target = targets.get(key) ?? -1;
            for (const [offset, message] of messages ?? []) {
              if (offset <= target) yield [`${offset} ${key}`, message];
            }
          }
        }
      }
    },
    describe(name) {
      const [offset, key] = [name.slice(0, name.indexOf(" ")), name.slice(name.indexOf(" ") + 1)];
      return offset === COMMITTED
        ? `the committed offset of key ${key}`
        : `offset ${offset} of key ${key}`;
    },
    acknowledgement(name) {
      const [offset, key] = [name.slice(0, name.indexOf(" ")), name.slice(name.indexOf(" ") + 1)];
      return main.find((operation) =>
        operation.f === "send" && sentOffsets(operation).get(key) === Number(offset)
      );
    },
    leastValues: commits,
  };
}

function commitName(key: string): string {
  return `${COMMITTED} ${key}`;
}
