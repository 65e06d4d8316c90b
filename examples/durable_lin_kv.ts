#!/usr/bin/env -S deno run --allow-read=storage --allow-write=storage
/**
 * Linearizable registers on one disk: the first node stores all writes, and the others forward their
 * requests to it. There are no replicas, so the registers are unavailable while the first node is
 * down. But nothing is lost that a client has an acknowledgement for, even if the power fails.
 *
 * One write at a time is in progress. It is applied, and acknowledged, when it is durable. So a read
 * never returns a value that a loss of power could revoke. After 20 writes a snapshot replaces them.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `early-reply` | acknowledges a write before it is durable | not linearizable |
 * | `no-recovery` | ignores what the disk has | not linearizable |
 * | `empty-snapshot` | replaces writes by a snapshot without values | not linearizable |
 *
 * ```sh
 * deno task explore lin-kv --bin examples/durable_lin_kv.ts --nemesis kill,disk,partition \
 *   -- --fault early-reply
 * ```
 *
 * @module
 */

import { canonicalJson, type Json, type Node, RpcError, schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode } from "./support/fault.ts";
import { onPrimary } from "./support/primary.ts";

const MAX_RECORDS = 20;
const FAULTS = ["early-reply", "no-recovery", "empty-snapshot"] as const;
type Fault = typeof FAULTS[number] | "none";

/** A write, as the disk has it. */
interface Write {
  readonly key: Json;
  readonly value: Json;
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

/** Registers that are durable when their writes have resolved. */
class DurableRegisters {
  readonly #node: Node;
  readonly #fault: Fault;
  #values = new Map<string, Json>();
  #records = 0;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(node: Node, fault: Fault) {
    this.#node = node;
    this.#fault = fault;
  }

  async recover(): Promise<void> {
    const { snapshot, records } = await this.#node.storage.recover();
    if (this.#fault === "no-recovery") return;
    if (snapshot !== undefined) this.#values = new Map(decode(snapshot));
    for (const record of records) this.#apply(decode(record));
    this.#records = records.length;
  }

  read(key: Json): Json {
    const value = this.#values.get(canonicalJson(key));
    if (value === undefined) throw new RpcError(20, "the key has no value");
    return value;
  }

  /** Writes a value when all earlier writes are durable. `check` throws if it must not be written. */
  write(write: Write, check: () => void = () => {}): Promise<void> {
    const written = this.#lastWrite.then(async () => {
      check();
      const { storage } = this.#node;
      storage.append(encode(write));
      this.#records++;
      if (this.#fault !== "early-reply") await storage.sync();
      this.#apply(write);
      if (this.#records < MAX_RECORDS) return;
      const snapshot = this.#fault === "empty-snapshot" ? [] : [...this.#values];
      await storage.replace(encode(snapshot));
      this.#records = 0;
    });
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  #apply({ key, value }: Write): void {
    this.#values.set(canonicalJson(key), value);
  }
}

const start = async (node: Node, fault: Fault) => {
  const registers = new DurableRegisters(node, fault);
  await registers.recover();
  const { json } = schema;
  onPrimary(node, "read", { key: json }, ({ key }) => ({
    type: "read_ok",
    value: registers.read(key),
  }));
  onPrimary(node, "write", { key: json, value: json }, async ({ key, value }) => {
    await registers.write({ key, value });
    return { type: "write_ok" };
  });
  onPrimary(node, "cas", { key: json, from: json, to: json }, async ({ key, from, to }) => {
    await registers.write({ key, value: to }, () => {
      if (canonicalJson(registers.read(key)) === canonicalJson(from)) return;
      throw new RpcError(22, "the current value is another one");
    });
    return { type: "cas_ok" };
  });
};

const durableLinKv = defineFaultyNode(FAULTS, start, { persists: true });

export default durableLinKv;

if (import.meta.main) await serve(durableLinKv);
