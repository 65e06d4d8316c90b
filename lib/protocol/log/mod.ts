/**
 * Append-only logs by key on a cluster, in four strategies.
 *
 * @module
 */

import { flag, type FlagValues, type Node } from "../../node/mod.ts";
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
export {
  chain,
  type ClientRequest,
  type Log,
  type MaybePromise,
  type Offsets,
  type PollResult,
} from "./log.ts";

/** The strategies by name. */
export type LogStrategy = "lamport" | "owner" | "lin-kv" | "single";

/** The flags of a node that serves logs. */
export const logFlags = {
  strategy: flag.oneOf(["lamport", "owner", "lin-kv", "single"], {
    help: "lamport, owner, lin-kv or single",
    default: "lamport",
  }),
  ...replicaFlags,
  ...pollFlags,
  linger: flag.number({ placeholder: "MS", help: "owner: batch sends for", default: 5 }),
  chunk: flag.number({
    placeholder: "N",
    help: "lin-kv: messages in a value of the store",
    default: 32,
    min: 1,
    integer: true,
  }),
  retain: flag.number({
    placeholder: "N",
    help: "last entries kept of each key; 0 for all",
    default: 0,
    integer: true,
  }),
};

/** Returns what is wrong with a combination of flags; undefined for a valid one. */
export function logFlagsProblem(
  { strategy, acks }: FlagValues<typeof logFlags>,
): string | undefined {
  if (acks !== "all" || strategy === "lamport" || strategy === "owner") return undefined;
  return `--acks all needs --strategy lamport or owner, got ${strategy}`;
}

/** Creates the log of a strategy on a node. */
export function makeLog(node: Node, flags: FlagValues<typeof logFlags>): Log {
  const { strategy, "per-key": perKey, "per-poll": perPoll } = flags;
  const settings = {
    acks: flags.acks,
    chunk: flags.chunk,
    intervalMs: flags.interval,
    retryMs: flags.retry,
    startTimeoutMs: flags["start-timeout"],
    lingerMs: flags.linger,
    limits: { perKey, perPoll },
    retain: flags.retain === 0 ? Infinity : flags.retain,
  };
  const strategies: Readonly<Record<LogStrategy, () => Log>> = {
    lamport: () => lamport(node, settings),
    owner: () => owner(node, settings),
    "lin-kv": () => linKv(node, settings),
    single: () => single(node, settings),
  };
  return strategies[strategy]();
}
