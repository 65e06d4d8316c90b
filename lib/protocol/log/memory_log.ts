/**
 * Logs in the memory of one node: what `single` keeps at the first node, and `raft` at every node.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import { Commits, type Log, type Offsets, pollKeys, type PollResult } from "./log.ts";

/** All that a {@link MemoryLog} has. */
interface Snapshot {
  readonly logs: readonly [key: string, messages: Json[]][];
  readonly commits: readonly [key: string, offset: number][];
}

/** Logs in memory. A message's offset is the number of messages before it. */
export class MemoryLog implements Log {
  readonly #perKey: number;
  readonly #logs = new Map<string, Json[]>();
  readonly #commits = new Commits();

  /** A poll returns at most `perKey` entries of a key. */
  constructor(perKey: number) {
    this.#perKey = perKey;
  }

  send(key: string, message: Json): number {
    let log = this.#logs.get(key);
    if (log === undefined) this.#logs.set(key, log = []);
    return log.push(message) - 1;
  }

  poll(offsets: Readonly<Offsets>): PollResult {
    return pollKeys(offsets, (key, offset) => {
      const messages = this.#logs.get(key)?.slice(offset, offset + this.#perKey) ?? [];
      return messages.map((message, index) => [offset + index, message]);
    });
  }

  commit(offsets: Readonly<Offsets>): void {
    for (const [key, offset] of Object.entries(offsets)) this.#commits.raise(key, offset);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }

  snapshot(): Json {
    const logs = [...this.#logs].map(([key, messages]): Json => [key, [...messages]]);
    return { logs, commits: this.#commits.pairs() };
  }

  /** Takes over a snapshot; this log must be new. */
  restore(snapshot: Json): void {
    const { logs, commits } = snapshot as unknown as Snapshot;
    for (const [key, messages] of logs) this.#logs.set(key, [...messages]);
    this.commit(Object.fromEntries(commits));
  }
}
