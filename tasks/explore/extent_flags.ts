/**
 * Which seeds a run of explore takes, and what it writes about them.
 *
 * @module
 */

import { type Flag, flag, UsageError } from "../../lib/base/mod.ts";
import type { Shard } from "./report_lines.ts";

/** The last seed that has a number of its own: from 2⁵³ on, numbers skip integers. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;
const DEFAULT_SEEDS = 1000;
const MAX_SHARDS = 10_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

const shard: Flag<Shard> = {
  placeholder: "I/N",
  help: "every Nth seed from the Ith on; keeps going",
  expectation: `I/N with integers, I from 1 to N and N up to ${MAX_SHARDS}, such as 3/16`,
  parse(text) {
    const [, i, n] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
    const [index, count] = [Number(i), Number(n)];
    return index >= 1 && index <= count && count <= MAX_SHARDS ? { index, count } : undefined;
  },
};

const duration: Flag<number> = {
  placeholder: "T",
  help: "no new seed after a time: 90s, 10m, 8h",
  expectation: "a number with the unit s, m or h, such as 10m",
  parse(text) {
    const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
    const ms = Number(number) * (UNIT_MS[unit] ?? NaN);
    return ms > 0 ? ms : undefined;
  },
};

/** The flag `--jobs` of explore and of workers. */
export const jobsFlag = flag.number({
  placeholder: "N",
  help: "number of threads",
  default: navigator.hardwareConcurrency,
  defaultText: "one per core",
  min: 1,
  integer: true,
});

/** The flags that choose seeds, and the files about them. */
export const extentFlags = {
  shard,
  for: duration,
  report: flag.text({ placeholder: "FILE", help: "write a line per seed, for explore merge" }),
  ledger: flag.text({ placeholder: "FILE", help: "run its cases first, add new ones" }),
} as const;

/** The seeds of a run. */
export interface Extent {
  /** The first seed of all shards. */
  readonly from: number;
  /** The number of seeds of all shards; undefined without a limit. */
  readonly seeds: number | undefined;
  readonly shard: Shard;
  /** The real time after which no further seed is started. */
  readonly timeLimitMs?: number;
}

/** Returns the seeds that flags name. Throws a {@link UsageError}. */
export function readExtent(
  flags: {
    readonly from: number;
    readonly seeds?: number;
    readonly shard?: Shard;
    readonly for?: number;
  },
): Extent {
  const { from, for: timeLimitMs } = flags;
  const seeds = flags.seeds ?? (timeLimitMs === undefined ? DEFAULT_SEEDS : undefined);
  if (seeds !== undefined && seeds - 1 > MAX_SEED - from) {
    throw new UsageError(
      `--from ${from} --seeds ${seeds}: the last seed must be at most ${MAX_SEED}`,
    );
  }
  return {
    from,
    seeds,
    shard: flags.shard ?? { index: 1, count: 1 },
    ...(timeLimitMs === undefined ? {} : { timeLimitMs }),
  };
}

/** Returns the first seed of a shard, the difference of two seeds, and their number. */
export function seedsOfShard({ from, seeds, shard: { index, count } }: Extent) {
  const all = seeds ?? MAX_SEED - from + 1;
  return {
    from: from + index - 1,
    step: count,
    count: Math.max(0, Math.ceil((all - (index - 1)) / count)),
  };
}

/** Describes the seeds of a run. */
export function describeExtent({ from, seeds, shard, timeLimitMs }: Extent): string {
  const last = seeds === undefined ? "" : ` to ${from + seeds - 1}`;
  const which = seeds === 1 ? `seed ${from}` : `seeds ${from}${last === "" ? " and up" : last}`;
  const part = shard.count === 1 ? "" : `, shard ${shard.index}/${shard.count}`;
  return `${which}${part}${timeLimitMs === undefined ? "" : `, for ${timeLimitMs / 1000} s`}`;
}
