#!/usr/bin/env -S deno run
/**
 * Reference node for broadcast: passes values on to its neighbours and repeats them until they are
 * acknowledged.
 *
 * @module
 */

import { type Json, type Node, schema, serve } from "../../../lib/node/mod.ts";
import { faultOf } from "./fault.ts";

const REPEAT_MS = 200;
const FREEZE_AFTER_MS = 1500;
const VANISH_AFTER_MS = 1000;

/**
 * Broadcasts. Faults: `silo` passes nothing on; `lossy` never passes on values that end in 3;
 * `vanish` forgets those after a second; `freeze` stops reads from moving after a while; `stranger`
 * shows a value that nobody sent; `twice` shows three values twice.
 */
export default function broadcast(node: Node) {
  const fault = faultOf(node, "silo", "lossy", "vanish", "freeze", "stranger", "twice");
  const known = new Set<Json>();
  const unacknowledged = new Map<string, Set<Json>>();
  let frozen: Json[] | undefined;

  function learn(values: readonly Json[], from?: string): void {
    for (const value of values) {
      if (known.has(value)) continue;
      known.add(value);
      if (fault === "vanish" && endsInThree(value)) {
        node.after(VANISH_AFTER_MS, () => known.delete(value));
      }
      if (fault === "silo" || (fault === "lossy" && endsInThree(value))) continue;
      for (const [neighbour, pending] of unacknowledged) {
        if (neighbour !== from) pending.add(value);
      }
    }
  }

  async function pass(neighbour: string, pending: Set<Json>): Promise<void> {
    const values = [...pending];
    if (values.length === 0) return;
    await node.rpc(neighbour, { type: "pass", values }, { timeout: REPEAT_MS }).then(
      () => values.forEach((value) => pending.delete(value)),
      () => {},
    );
  }

  function passAll(): void {
    for (const [neighbour, pending] of unacknowledged) pass(neighbour, pending);
  }

  function visible(): Json[] {
    const values = [...known];
    if (fault === "stranger") return [...values, -1];
    return fault === "twice" ? [...values, ...values.slice(0, 3)] : values;
  }

  node.on("topology", { topology: schema.record(schema.array(schema.string)) }, ({ topology }) => {
    for (const neighbour of topology[node.id] ?? []) unacknowledged.set(neighbour, new Set(known));
    return { type: "topology_ok" };
  });
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    learn([message]);
    passAll();
    return { type: "broadcast_ok" };
  });
  node.on("pass", { values: schema.array(schema.json) }, ({ values }, { src }) => {
    learn(values, src);
    return { type: "pass_ok" };
  });
  node.on("read", () => ({ type: "read_ok", messages: frozen ?? visible() }));
  node.every(REPEAT_MS, passAll);
  node.after(FREEZE_AFTER_MS, () => {
    if (fault === "freeze") frozen = visible();
  });
}

function endsInThree(value: Json): boolean {
  return Number(value) % 10 === 3;
}

if (import.meta.main) await serve(broadcast);
