/**
 * The client, generators and checker that the two counter workloads share.
 *
 * As in Maelstrom, every error ends an operation `info`, even a definite error.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { checkCounter, type CounterVerdict } from "../check/mod.ts";
import { pnCounter as contract } from "../contract/mod.ts";
import { forever, oncePerWorker } from "./generator.ts";
import { type Schema, schema } from "../wire/mod.ts";
import { defineRpc } from "./rpc.ts";
import { counterReads } from "./state_reads.ts";
import type { Workload } from "./workload.ts";

/** An integer of any size: a larger one than nodes can add up is a wrong sum, not malformed. */
const anyInteger: Schema<number | bigint> = {
  expectation: schema.integer.expectation,
  problem: (value, path) =>
    typeof value === "bigint" ? undefined : schema.integer.problem(value, path),
};

const addRpc = defineRpc(contract.add);
const readRpc = defineRpc(contract.read, { accepts: { value: anyInteger } });

/** The properties in which the two counter workloads differ. */
export interface CounterKind {
  readonly name: string;
  readonly summary: string;
  /** The fraction of operations that are reads, from 0 to 1. */
  readonly readFraction: number;
  /** Whether no delta is negative. */
  readonly grows: boolean;
  /** Draws the next delta to add. */
  delta(random: Random): number;
}

/** Makes the workload of a kind of counter. */
export function counterWorkload(kind: CounterKind): Workload<CounterVerdict> {
  return {
    name: kind.name,
    summary: kind.summary,
    generator: (_options, random) =>
      forever(() =>
        random.chance(kind.readFraction)
          ? { f: "read", value: null }
          : { f: "add", value: kind.delta(random) }
      ),
    finalGenerator: () => oncePerWorker(() => ({ f: "read", value: null, final: true })),
    client: (connection) => ({
      async invoke({ f, value }) {
        if (f === "read") return { type: "ok", value: (await readRpc(connection, {})).value };
        await addRpc(connection, { delta: value as number });
        return { type: "ok" };
      },
    }),
    reads: { ...counterReads, grows: kind.grows },
    check: (history) => checkCounter(history),
  };
}
