/**
 * What the strategies `lamport` and `owner` share: each node has a copy of all logs, and serves polls
 * and commits from it.
 *
 * @module
 */

import type { BatchSource } from "./batch_source.ts";
import type { Entry } from "./entry_log.ts";
import { FairPoll } from "./fair_poll.ts";
import type { Log, Offsets, PollLimits } from "./log.ts";
import type { Replica, ReplicaSettings } from "./replica.ts";

/** The settings of a replicated strategy. */
export interface ReplicatedLogSettings extends ReplicaSettings {
  readonly limits: PollLimits;
  /** The number of entries of each key that are kept. */
  readonly retain: number;
}

/** A node's copy of all logs. */
export interface LocalLog extends BatchSource {
  /** Returns at most `maxEntries` entries that polls may return, from an offset on. */
  read(key: string, offset: number, maxEntries: number): Entry[];
  /** Raises committed offsets. Returns whether any was lower. */
  commit(offsets: Readonly<Offsets>): boolean;
  /** Returns the committed offsets of these keys. Keys without one are left out. */
  committed(keys: readonly string[]): Offsets;
}

/** Serves all requests but sends from a node's copy. */
export function serveFromCopy(replica: Replica<LocalLog>, limits: PollLimits): Omit<Log, "send"> {
  const fairPoll = new FairPoll(limits);
  return {
    poll: (offsets) =>
      fairPoll.poll(
        offsets,
        (key, offset, maxEntries) => replica.source.read(key, offset, maxEntries),
      ),
    commit: (offsets, request) =>
      replica.whenReady(request, () => {
        const isRaised = replica.source.commit(offsets);
        return isRaised ? replica.whenAcknowledged(request, undefined) : undefined;
      }),
    committed: (keys, request) => replica.whenReady(request, () => replica.source.committed(keys)),
  };
}
