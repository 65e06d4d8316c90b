/**
 * A correct service of all workloads, in one object that all nodes share.
 *
 * @module
 */

import { canonicalJson, type Json, type JsonObject } from "../../../lib/base/mod.ts";

/** A reply's type and fields. */
export type Reply = JsonObject & { type: string };

/** A micro-operation of a transaction, or an entry of a log. */
type Access = [f: string, key: Json, value: Json];

const error = (code: number, text: string): Reply => ({ type: "error", code, text });

/** Replies to requests in the order of their calls, so every history of it is valid. */
export class CorrectService {
  readonly elements: Json[] = [];
  readonly registers = new Map<string, Json>();
  readonly lists = new Map<string, Json[]>();
  readonly logs = new Map<string, Json[]>();
  readonly committed = new Map<string, number>();
  sum = 0;
  ids = 0;
  readonly #workload: string;

  constructor(workload: string) {
    this.#workload = workload;
  }

  /** Performs a request. */
  reply(request: JsonObject): Reply {
    const type = `${request.type}_ok`;
    switch (request.type) {
      case "echo":
        return { type, echo: request.echo as Json };
      case "generate":
        return { type, id: this.ids++ };
      case "broadcast":
        this.elements.push(request.message as Json);
        return { type };
      case "add":
        if (request.element === undefined) this.sum += request.delta as number;
        else this.elements.push(request.element);
        return { type };
      case "read":
        return this.#read(type, request);
      case "write":
        this.registers.set(canonicalJson(request.key), request.value as Json);
        return { type };
      case "cas":
        return this.#compareAndSet(type, request);
      case "txn":
        return { type, txn: (request.txn as Access[]).map((access) => this.#access(access)) };
      case "send":
        return { type, offset: this.#log(request.key as string).push(request.msg as Json) - 1 };
      case "poll":
        return { type, msgs: this.#poll(request.offsets as Record<string, number>) };
      case "commit_offsets":
        for (const [key, offset] of Object.entries(request.offsets as Record<string, number>)) {
          this.committed.set(key, Math.max(offset, this.committed.get(key) ?? 0));
        }
        return { type };
      case "list_committed_offsets":
        return { type, offsets: this.#listCommitted(request.keys as string[]) };
      default:
        return { type };
    }
  }

  #read(type: string, { key }: JsonObject): Reply {
    if (this.#workload === "broadcast") return { type, messages: [...this.elements] };
    if (this.#workload === "g-set") return { type, value: [...this.elements] };
    if (key === undefined) return { type, value: this.sum };
    const value = this.registers.get(canonicalJson(key));
    return value === undefined ? error(20, "no such key") : { type, value };
  }

  #compareAndSet(type: string, { key, from, to }: JsonObject): Reply {
    const name = canonicalJson(key);
    const value = this.registers.get(name);
    if (value === undefined) return error(20, "no such key");
    if (value !== from) return error(22, `expected ${from}, found ${value}`);
    this.registers.set(name, to as Json);
    return { type };
  }

  #access([f, key, value]: Access): Access {
    const name = canonicalJson(key);
    if (f === "append") {
      const list = this.lists.get(name) ?? [];
      this.lists.set(name, [...list, value]);
      return [f, key, value];
    }
    if (f === "w") {
      this.registers.set(name, value);
      return [f, key, value];
    }
    return [f, key, this.lists.get(name) ?? this.registers.get(name) ?? null];
  }

  #log(key: string): Json[] {
    let log = this.logs.get(key);
    if (log === undefined) this.logs.set(key, log = []);
    return log;
  }

  #poll(offsets: Readonly<Record<string, number>>): { [key: string]: Json } {
    return Object.fromEntries(
      Object.entries(offsets).map(([key, from]) => [
        key,
        this.#log(key).map((message, offset): Json => [offset, message]).slice(from),
      ]),
    );
  }

  #listCommitted(keys: readonly string[]): { [key: string]: Json } {
    const known = keys.filter((key) => this.committed.has(key));
    return Object.fromEntries(known.map((key) => [key, this.committed.get(key) as number]));
  }
}
