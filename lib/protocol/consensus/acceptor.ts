/**
 * The acceptors of a node's registers, on the node's disk.
 *
 * An acceptor appends each promise and each state to the disk. It replies when all its records are
 * durable: a conflict promises nothing, but it shows a state, on which a read may rely. From time to
 * time a snapshot of all registers replaces the records.
 *
 * @module
 */

import { parseJson, stringifyJson } from "../../base/mod.ts";
import { type Infer, type Node, type Schema, schema } from "../../node/mod.ts";
import { type Ballot, ballotSchema } from "./ballot.ts";
import {
  acceptorStep,
  EMPTY,
  type Promised,
  type Reply,
  type Request,
  stateSchema,
} from "./caspaxos.ts";

/** A record on the disk. */
const recordSchema = schema.tuple(schema.string, ballotSchema, ballotSchema, stateSchema);

/** A snapshot replaces the records when there are this many, and twice as many as registers. */
const MIN_RECORDS_TO_COMPACT = 200;
const MIN_RECORDS_PER_REGISTER = 2;

/** The acceptors of all registers, which share the node's disk. */
export class Acceptor {
  readonly #node: Node;
  readonly #registers = new Map<string, Promised>();
  /** When the last `prepare` of another node arrived, in ms; none if an `accept` followed. */
  readonly #preparedAt = new Map<string, number>();
  /** Callbacks that wait for an `accept`, by register. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #records = 0;
  #isCompacting = false;

  /** Call {@link Acceptor.recover} before anything else. */
  constructor(node: Node) {
    this.#node = node;
  }

  /** Reads from the disk what earlier incarnations promised. */
  async recover(): Promise<void> {
    const { snapshot, records } = await this.#node.storage.recover();
    if (snapshot !== undefined) this.#load(decode(snapshot, schema.array(recordSchema)));
    this.#load(records.map((record) => decode(record, recordSchema)));
    if (this.#registers.size > 0) this.#node.sometimes("caspaxos: an acceptor recovered registers");
    this.#records = records.length;
  }

  /** Returns the highest ballot that the acceptor has promised for a register. */
  promised(key: string): Ballot {
    return (this.#registers.get(key) ?? EMPTY).promised;
  }

  /** Resolves when the last `prepare` of a rival has its `accept`, or is `maxMs` ms old. */
  async untilIdle(key: string, maxMs: number): Promise<void> {
    for (;;) {
      const leftMs = (this.#preparedAt.get(key) ?? -Infinity) + maxMs - this.#node.monotonic();
      if (leftMs <= 0) return;
      this.#node.sometimes("caspaxos: a proposer deferred to a rival");
      await this.untilAccepted(key, leftMs);
    }
  }

  /** Resolves when the acceptor accepts a state of a register, at the latest after `maxMs` ms. */
  untilAccepted(key: string, maxMs: number): Promise<void> {
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const cancel = this.#node.after(maxMs, wake);
      waiting.add(wake);
    });
  }

  /** Handles a request; resolves to the reply when all that it shows is durable. */
  async handle(key: string, request: Request): Promise<Reply> {
    const before = this.#registers.get(key);
    const { reply, after } = acceptorStep(before, request);
    if (after !== undefined) {
      if (after !== before) this.#store(key, after);
      if (request.type === "accept") {
        this.#preparedAt.delete(key);
        for (const wake of this.#waiting.get(key) ?? []) wake();
      } else if (request.ballot[1] !== this.#node.id) {
        this.#preparedAt.set(key, this.#node.monotonic());
      }
    }
    await this.#node.storage.sync();
    return reply;
  }

  #store(key: string, record: Promised): void {
    this.#registers.set(key, record);
    this.#node.storage.append(encode(rowOf(key, record)));
    this.#records++;
    const max = Math.max(MIN_RECORDS_TO_COMPACT, MIN_RECORDS_PER_REGISTER * this.#registers.size);
    if (this.#records >= max && !this.#isCompacting) this.#compact();
  }

  #compact(): void {
    this.#isCompacting = true;
    this.#records = 0;
    const all = [...this.#registers].map(([key, record]) => rowOf(key, record));
    this.#node.storage.replace(encode(all)).then(() => {
      this.#isCompacting = false;
      this.#node.sometimes("caspaxos: a snapshot replaced the records");
    });
  }

  #load(records: readonly Infer<typeof recordSchema>[]): void {
    for (const [key, promised, accepted, state] of records) {
      this.#registers.set(key, { promised, accepted, state });
    }
  }
}

function rowOf(key: string, { promised, accepted, state }: Promised): Infer<typeof recordSchema> {
  return [key, promised, accepted, state];
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(stringifyJson(value));
}

function decode<T>(bytes: Uint8Array, expected: Schema<T>): T {
  return schema.parse(expected, parseJson(new TextDecoder().decode(bytes)), "a record on the disk");
}
