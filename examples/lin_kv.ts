#!/usr/bin/env -S deno run
/**
 * Linearizable registers: forwards all requests to the service lin-kv, which is linearizable. So
 * the node adds nothing but a hop, as long as it neither caches nor retries.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `cache` | returns values that it read up to 200 ms earlier | not linearizable |
 * | `forget` | acknowledges every 6th write without executing it | not linearizable |
 * | `false-error` | executes every 6th write, and replies that it did not | not linearizable |
 * | `seq` | uses seq-kv, which is only sequentially consistent | not linearizable |
 * | `race` | executes a compare-and-set as a read and a separate write | not linearizable |
 *
 * ```sh
 * deno task maelstrom test -w lin-kv --bin examples/lin_kv.ts --engine sim \
 *   --node-count 2 --concurrency 4n --rate 100 --time-limit 10 -- --fault race
 * ```
 *
 * @module
 */

import { type Json, RpcError, schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";

const CACHE_TTL_MS = 200;
const RACE_DELAY_MS = 100;

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
