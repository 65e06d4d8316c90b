#!/usr/bin/env -S deno run
/**
 * The reference node for lin-kv: forwards all requests to the service of the same name.
 *
 * @module
 */

import { type Json, RpcError, schema, serve } from "../../../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./fault.ts";

const CACHE_TTL_MS = 200;
const RACE_DELAY_MS = 100;

/**
 * Serves registers. Faults: `cache` returns values that it read up to 200 ms earlier. `forget`
 * acknowledges every 6th write without executing it. `false-error` executes every 6th write and
 * replies that it did not. `seq` uses the sequentially consistent service. `race` executes a
 * compare-and-set as a separate read and write.
 */
const linKv = defineFaultyNode(["cache", "forget", "false-error", "seq", "race"], (node, fault) => {
  const isNth = everyNth(6);
  const store = fault === "seq" ? node.kv.seq : node.kv.lin;
  const cache = new Map<Json, { readonly value: Json; readonly time: number }>();

  async function read(key: Json): Promise<Json> {
    const cached = cache.get(key);
    if (cached !== undefined && node.now() - cached.time < CACHE_TTL_MS) return cached.value;
    const value = await store.read(key);
    if (fault === "cache") cache.set(key, { value, time: node.now() });
    return value;
  }

  async function write(key: Json, value: Json): Promise<void> {
    const isFaulty = isNth();
    if (fault === "forget" && isFaulty) return;
    await store.write(key, value);
    if (fault === "false-error" && isFaulty) throw new RpcError(11, "temporarily unavailable");
  }

  async function compareAndSet(key: Json, from: Json, to: Json): Promise<void> {
    if (fault !== "race") return store.cas(key, from, to);
    if (await store.read(key) !== from) throw new RpcError(22, "the current value is another one");
    await node.sleep(RACE_DELAY_MS);
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
});

export default linKv;

if (import.meta.main) await serve(linKv);
