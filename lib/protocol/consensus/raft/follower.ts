/**
 * What a member does with the messages of its leader (section 5.3, and section 7 for snapshots).
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import type { Core } from "./core.ts";
import type { AppendEntries, InstallSnapshot } from "./types.ts";

/** Appends a leader's entries, if the log matches the leader's before them. */
export function onAppendEntries(core: Core, leader: string, message: AppendEntries): void {
  const { log } = core;
  const { prev_index, prev_term, entries, commit, round } = message;
  const { term } = core;
  // What is compacted was committed, so that it equals the leader's (leader completeness).
  const isMatch = prev_index <= log.snapshotIndex || log.termAt(prev_index) === prev_term;
  if (!isMatch) {
    const conflict_term = log.termAt(prev_index);
    const conflict = conflict_term === undefined
      ? { conflict_index: log.lastIndex + 1 }
      : { conflict_index: log.firstOfTermAt(prev_index), conflict_term };
    // A term that was entered with this message is durable before the reply.
    return core.send(leader, { type: "rejected", term, prev_index, ...conflict, round }, "durable");
  }
  const firstNew = log.firstNew(prev_index, entries);
  if (firstNew !== undefined) {
    if (firstNew <= log.lastIndex) {
      invariant(firstNew > core.commit, "committed entries are never removed");
      core.sometimes("a conflicting tail was overwritten");
      log.truncate(firstNew);
    }
    log.append(entries.slice(firstNew - prev_index - 1));
    core.persistFrom(firstNew);
  }
  const match = prev_index + entries.length;
  // Only what is known to match may be committed (figure 2: the index of the last new entry).
  core.commitUpTo(Math.min(commit, match));
  core.send(leader, { type: "appended", term, match, round }, "durable");
}

/**
 * Collects a leader's snapshot, and replaces the state by it, unless the log has all of it. The reply
 * to the last chunk waits until the snapshot is durable.
 */
export function onInstallSnapshot(core: Core, leader: string, message: InstallSnapshot): void {
  const { log, term, incoming } = core;
  const { last_index, round } = message;
  if (last_index > core.commit) {
    const snapshot = incoming.add(message);
    if (typeof snapshot === "number") {
      const reply = { last_index, offset: snapshot, round };
      return core.send(leader, { type: "chunk_received", term, ...reply }, "durable");
    }
    core.sometimes("a snapshot was installed");
    if (message.offset > 0) core.sometimes("a snapshot arrived in several messages");
    const isPrefix = log.termAt(snapshot.index) === snapshot.term;
    // Entries after those that the snapshot replaces are kept (section 7, figure 13).
    if (isPrefix) log.compact(snapshot);
    else log.install(snapshot);
    core.restore(snapshot);
  }
  core.send(leader, { type: "appended", term, match: last_index, round }, "durable");
}
