/**
 * Append-only logs by key on a cluster, in four ways.
 *
 * @module
 */

import {
  choice,
  type FlagValues,
  type Node,
  type NodeFlag,
  quantity,
  UsageError,
} from "../../node/mod.ts";
import { lamport } from "./lamport.ts";
import { linKv } from "./lin_kv.ts";
import { type Log, pollFlags } from "./log.ts";
import { owner } from "./owner.ts";
import { replicaFlags } from "./replica.ts";
import { single } from "./single.ts";

export type { Entry } from "./entry_log.ts";
export { LamportLog, type LogSettings } from "./lamport_log.ts";
export { OwnerLog } from "./owner_log.ts";
export { MemoryLog } from "./single.ts";
export { type Log, type Offsets, type Polled, type Soon, then } from "./log.ts";

/** How nodes come to agree. */
export type LogStrategy = "lamport" | "owner" | "lin-kv" | "single";

const strategy: NodeFlag<LogStrategy> = choice(
  ["lamport", "owner", "lin-kv", "single"],
  "how nodes come to agree",
);

/** The flags of a node that keeps logs. */
export const logFlags = {
  strategy,
  ...replicaFlags,
  ...pollFlags,
  window: quantity(
    5,
    "milliseconds within which sends to one owner go together, with the strategy owner: with " +
      "two clients a node they meet a quarter of the time (measured: 0.4 messages an operation)",
  ),
  chunk: quantity(
    32,
    "messages in a value of the store, with the strategy lin-kv: two keys' worth of a test, so " +
      "that the usual poll is one read (a guess)",
    { least: 1, integer: true },
  ),
  retain: quantity(
    0,
    "how many entries of each key are kept, the last ones; 0 keeps all",
    { integer: true },
  ),
};

/** Wires a log as the flags ask. */
export function makeLog(node: Node, flags: FlagValues<typeof logFlags>): Log {
  const { strategy, acks, "per-key": perKey, "per-poll": perPoll } = flags;
  const settings = {
    ...flags,
    limits: { perKey, perPoll },
    retain: flags.retain === 0 ? Infinity : flags.retain,
  };
  if (acks === "all" && (strategy === "single" || strategy === "lin-kv")) {
    throw new UsageError(`--acks goes with the strategies lamport and owner, not ${strategy}.`);
  }
  const strategies: Readonly<Record<LogStrategy, () => Log>> = {
    lamport: () => lamport(node, settings),
    owner: () => owner(node, settings),
    "lin-kv": () => linKv(node, settings),
    single: () => single(node, settings),
  };
  return strategies[strategy]();
}
