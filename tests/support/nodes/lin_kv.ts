#!/usr/bin/env -S deno run
/**
 * Reference node for lin-kv: passes everything to the service of that name.
 *
 * @module
 */

import { type Json, type Node, RpcError, schema, serve } from "../../../lib/node/mod.ts";
import { everyNth, faultOf } from "./fault.ts";

const CACHE_MS = 200;
const RACE_MS = 100;

/**
 * Keeps registers. Faults: `cache` answers reads with what it read up to 200 ms before; `forget`
 * acknowledges every 6th write and does not make it; `lie` makes every 6th write and says that it
 * did not; `seq` uses the service that is only sequentially consistent; `race` compares first and
 * sets later.
 */
export default function linKv(node: Node) {
  const fault = faultOf(node, "cache", "forget", "lie", "seq", "race");
  const now = everyNth(6);
  const store = fault === "seq" ? node.kv.seq : node.kv.lin;
  const cache = new Map<Json, { readonly value: Json; readonly time: number }>();

  async function read(key: Json): Promise<Json> {
    const cached = cache.get(key);
    if (cached !== undefined && node.now() - cached.time < CACHE_MS) return cached.value;
    const value = await store.read(key);
    if (fault === "cache") cache.set(key, { value, time: node.now() });
    return value;
  }

  async function write(key: Json, value: Json): Promise<void> {
    const wrong = now();
    if (fault === "forget" && wrong) return;
    await store.write(key, value);
    if (fault === "lie" && wrong) throw new RpcError(11, "not now");
  }

  async function compareAndSet(key: Json, from: Json, to: Json): Promise<void> {
    if (fault !== "race") return store.cas(key, from, to);
    if (await store.read(key) !== from) throw new RpcError(22, "it is something else");
    await node.sleep(RACE_MS);
    await store.write(key, to);
  }

  const { json } = schema;
  node.on("read", { key: json }, async ({ key }) => ({ type: "read_ok", value: await read(key) }));
  node.on("write", { key: json, value: json }, async ({ key, value }) => {
    await write(key, value);
    return { type: "write_ok" };
  });
  node.on("cas", { key: json, from: json, to: json }, async ({ key, from, to }) => {
    await compareAndSet(key, from, to);
    return { type: "cas_ok" };
  });
}

if (import.meta.main) await serve(linKv);
