/**
 * What the two counter workloads have in common: a client, a checker, final reads.
 *
 * As in Maelstrom no error is taken for an answer: whatever the client meets ends an operation
 * `info`, definite or not.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { checkCounter } from "../check/mod.ts";
import { pnCounter as contract } from "../contract/mod.ts";
import { forever, onceEach } from "./generator.ts";
import { defineRpc } from "./rpc.ts";
import type { Workload } from "./workload.ts";

const addRpc = defineRpc(contract.add);
const readRpc = defineRpc(contract.read);

/** What sets one counter apart from another. */
export interface CounterKind {
  readonly name: string;
  readonly summary: string;
  /** Which part of the operations are reads. */
  readonly readFraction: number;
  /** What to add next. */
  delta(random: Random): number;
}

/** The workload of a kind of counter. */
export function counterWorkload(kind: CounterKind): Workload {
  return {
    name: kind.name,
    summary: kind.summary,
    generator: (_options, random) =>
      forever(() =>
        random.chance(kind.readFraction)
          ? { f: "read", value: null }
          : { f: "add", value: kind.delta(random) }
      ),
    finalGenerator: () => onceEach(() => ({ f: "read", value: null, final: true })),
    client: (connection) => ({
      async invoke({ f, value }) {
        if (f === "read") return { type: "ok", value: (await readRpc(connection, {})).value };
        await addRpc(connection, { delta: value as number });
        return { type: "ok" };
      },
    }),
    check: (history) => checkCounter(history),
  };
}
