#!/usr/bin/env -S deno run
/**
 * Broadcast by flooding: a node forwards each new value to its neighbours in the topology, and
 * retransmits it until they acknowledge it. So a value reaches every node in the end, although
 * messages are lost and networks partitioned.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `silo` | forwards nothing | `lost` |
 * | `lossy` | never forwards values that end in 3 | `lost` |
 * | `vanish` | forgets values that end in 3 after a second | `lost` |
 * | `freeze` | returns to all reads what it had after 1.5 s | `lost` |
 * | `phantom` | returns a value that no client broadcast | `stranger` |
 * | `twice` | returns its first three values twice | `duplicated` |
 *
 * ```sh
 * deno task maelstrom test -w broadcast --bin examples/broadcast.ts --engine sim -- --fault lossy
 * ```
 *
 * @module
 */

import { type Json, schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode } from "./support/fault.ts";

const RETRANSMIT_INTERVAL_MS = 200;
const FREEZE_DELAY_MS = 1500;
const VANISH_DELAY_MS = 1000;

const broadcast = defineFaultyNode(
  ["silo", "lossy", "vanish", "freeze", "phantom", "twice"],
  (node, fault) => {
    const received = new Set<Json>();
    const unacknowledged = new Map<string, Set<Json>>();
    let frozen: Json[] | undefined;

    function receive(values: readonly Json[], sender?: string): void {
      for (const value of values) {
        if (received.has(value)) continue;
        received.add(value);
        if (fault === "vanish" && endsInThree(value)) {
          node.after(VANISH_DELAY_MS, () => received.delete(value));
        }
        if (fault === "silo" || (fault === "lossy" && endsInThree(value))) continue;
        for (const [neighbour, pending] of unacknowledged) {
          if (neighbour !== sender) pending.add(value);
        }
      }
    }

    async function forward(neighbour: string, pending: Set<Json>): Promise<void> {
      const values = [...pending];
      if (values.length === 0) return;
      await node.rpc(neighbour, { type: "forward", values }, { timeoutMs: RETRANSMIT_INTERVAL_MS })
        .then(
          () => values.forEach((value) => pending.delete(value)),
          () => {},
        );
    }

    function forwardAll(): void {
      for (const [neighbour, pending] of unacknowledged) forward(neighbour, pending);
    }

    function visible(): Json[] {
      const values = [...received];
      if (fault === "phantom") return [...values, -1];
      return fault === "twice" ? [...values, ...values.slice(0, 3)] : values;
    }

    node.on(
      "topology",
      { topology: schema.record(schema.array(schema.string)) },
      ({ topology }) => {
        for (const neighbour of topology[node.id] ?? []) {
          unacknowledged.set(neighbour, new Set(received));
        }
        return { type: "topology_ok" };
      },
    );
    node.on("broadcast", { message: schema.json }, ({ message }) => {
      receive([message]);
      forwardAll();
      return { type: "broadcast_ok" };
    });
    node.on("forward", { values: schema.array(schema.json) }, ({ values }, { src }) => {
      receive(values, src);
      return { type: "forward_ok" };
    });
    node.on("read", () => ({ type: "read_ok", messages: frozen ?? visible() }));
    node.every(RETRANSMIT_INTERVAL_MS, forwardAll);
    node.after(FREEZE_DELAY_MS, () => {
      if (fault === "freeze") frozen = visible();
    });
  },
);

export default broadcast;

function endsInThree(value: Json): boolean {
  return Number(value) % 10 === 3;
}

if (import.meta.main) await serve(broadcast);
