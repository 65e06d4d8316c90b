/**
 * What strategies have in common that keep a copy of all logs at every node: polls and commits are
 * the node's own business.
 *
 * @module
 */

import type { BatchSource } from "./batch_source.ts";
import type { Entry } from "./entry_log.ts";
import type { Log, Offsets, PollLimits } from "./log.ts";
import { PollTurns } from "./poll_turns.ts";
import type { Replica, ReplicaSettings } from "./replica.ts";

/** What a replicated strategy goes by. */
export interface ReplicatedLogSettings extends ReplicaSettings {
  readonly limits: PollLimits;
  /** How many entries of each key are kept. */
  readonly retain: number;
}

/** The logs at one node. */
export interface LogCopy extends BatchSource {
  /** The entries of a key from an offset on that may be shown, at most so many. */
  read(key: string, offset: number, most: number): Entry[];
  /** Raises committed offsets; returns whether any of them was lower. */
  commit(offsets: Readonly<Offsets>): boolean;
  /** The committed offsets of those keys that have one. */
  committed(keys: readonly string[]): Offsets;
}

/** Everything but sends. */
export function servedByCopy(replica: Replica<LogCopy>, limits: PollLimits): Omit<Log, "send"> {
  const turns = new PollTurns(limits);
  return {
    poll: (offsets) =>
      turns.poll(offsets, (key, offset, most) => replica.source.read(key, offset, most)),
    commit: (offsets) =>
      replica.whenReady(() =>
        replica.source.commit(offsets) ? replica.confirmed(undefined) : undefined
      ),
    committed: (keys) => replica.whenReady(() => replica.source.committed(keys)),
  };
}
