/**
 * The work that comparisons of simulated nodes give to clients: its flags, options and description.
 *
 * @module
 */

import { flag, type FlagValues } from "../../lib/base/mod.ts";
import { nodeIds, type TestOptions } from "../../lib/workload/mod.ts";
import { maelstromFlags } from "../cli/test_flags.ts";
import { reportFlags } from "./report.ts";

/** Returns the flags of the work and of the report, with the defaults that differ. */
export function workFlags(defaults: { readonly concurrency: string; readonly latencyMs: number }) {
  return {
    concurrency: flag.withDefault(maelstromFlags.concurrency, defaults.concurrency),
    "time-limit": flag.number({
      placeholder: "S",
      help: "length of the main phase in seconds",
      default: 20,
      min: 1,
    }),
    latency: flag.withDefault(maelstromFlags.latency, defaults.latencyMs),
    ...reportFlags,
    seeds: flag.withDefault(reportFlags.seeds, 3),
  } as const;
}

/** The values of the flags of the work. */
export type WorkFlags = FlagValues<ReturnType<typeof workFlags>>;

/** Returns the test options that the flags say, for a number of nodes. */
export function workOptions(flags: WorkFlags, nodeCount: number) {
  const nodes = nodeIds(nodeCount);
  const given = flags.concurrency;
  return {
    nodes,
    concurrency: given.endsWith("n") ? Number(given.slice(0, -1)) * nodes.length : Number(given),
    timeLimitSeconds: flags["time-limit"],
    latency: { meanMs: flags.latency, distribution: "exponential" },
  } as const satisfies Partial<TestOptions>;
}

/** Describes the work in a line; a rate is left out where it varies. */
export function describeWork(
  { nodes, concurrency, timeLimitSeconds, latency, ratePerSecond }:
    & ReturnType<typeof workOptions>
    & Partial<Pick<TestOptions, "ratePerSecond">>,
  seeds: number,
): string {
  const rate = ratePerSecond === undefined ? "" : ` at rate ${ratePerSecond}`;
  return `${nodes.length} nodes, ${concurrency} clients, ${timeLimitSeconds} s${rate}, latency ` +
    `${latency.meanMs} ms ${latency.distribution}, ${seeds} ${
      seeds === 1 ? "run" : "runs"
    } of each`;
}
