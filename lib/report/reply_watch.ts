/**
 * Watches the messages of a run for replies that reach no waiting client, and says what is wrong with
 * the first of each kind.
 *
 * @module
 */

import { Double, stringifyJson } from "../base/mod.ts";
import type { NetworkEvent } from "./lamport.ts";

/** A mistake in replies, with the first example. */
export interface ReplyProblem {
  /** How often it occurred. */
  readonly count: number;
  /** The first example as a sentence, which names nodes and values. */
  readonly text: string;
}

/** What a client waits for. */
interface Waiting {
  readonly node: string;
  readonly type: string;
  readonly time: number;
}

const MAX_VALUE_CHARACTERS = 60;

/** The replies of one run. */
export class ReplyWatch {
  /** By client, the requests without a reply, by their `msg_id`. */
  readonly #waiting = new Map<string, Map<number, Waiting>>();
  readonly #answered = new Map<string, Set<number>>();
  readonly #problems = new Map<string, { count: number; text: string }>();
  readonly #lateNs: number;

  /** A reply later than `deadlineMs` after its request reaches a client that has stopped waiting. */
  constructor(deadlineMs: number) {
    this.#lateNs = deadlineMs * 1e6;
  }

  /** The mistakes, most frequent first. */
  get problems(): readonly ReplyProblem[] {
    return [...this.#problems.values()].sort((a, b) => b.count - a.count);
  }

  /** Notes an event of the journal. */
  observe({ type, time, message: { src, dest, body } }: NetworkEvent): void {
    if (type === "recv") return;
    const fields = typeof body === "object" && body !== null ? body as Body : {};
    if (isClient(src)) {
      if (typeof fields.msg_id !== "number") return;
      let waiting = this.#waiting.get(src);
      if (waiting === undefined) this.#waiting.set(src, waiting = new Map());
      waiting.set(fields.msg_id, { node: dest, type: String(fields.type), time });
    } else if (isClient(dest)) this.#onReply(src, dest, fields, time);
    else if (dest === src && typeof fields.in_reply_to === "number") {
      this.#add("itself", `${src} sent a reply to itself: dest must be the src of the request`);
    }
  }

  #onReply(node: string, client: string, reply: Body, time: number): void {
    const id = reply.in_reply_to;
    const waiting = this.#waiting.get(client);
    const request = typeof id === "number" ? waiting?.get(id) : undefined;
    if (request !== undefined) {
      waiting?.delete(id as number);
      let answered = this.#answered.get(client);
      if (answered === undefined) this.#answered.set(client, answered = new Set());
      answered.add(id as number);
      const ms = (time - request.time) / 1e6;
      if (time - request.time > this.#lateNs) {
        this.#add(
          "late",
          `${node} answered ${client}'s ${request.type} after ${
            (ms / 1000).toFixed(1)
          } s; clients ` +
            `wait ${this.#lateNs / 1e9} s`,
        );
      }
      return;
    }
    const answer = `${node} answered ${client} with ${describe(reply)}`;
    const expected = describeWaiting(client, waiting);
    if (id === undefined) {
      this.#add("missing", `${answer} without in_reply_to; ${expected}`);
    } else if (typeof id !== "number") {
      const type = id instanceof Double
        ? "a fraction"
        : Array.isArray(id)
        ? "an array"
        : id === null
        ? "null"
        : `a ${typeof id}`;
      this.#add("type", `${answer} with in_reply_to ${stringifyJson(id)}, ${type}; ${expected}`);
    } else if (this.#answered.get(client)?.has(id) === true) {
      this.#add("twice", `${answer} a second time (in_reply_to ${id})`);
    } else this.#add("other", `${answer} with in_reply_to ${id}; ${expected}`);
  }

  #add(kind: string, text: string): void {
    const problem = this.#problems.get(kind);
    if (problem === undefined) this.#problems.set(kind, { count: 1, text });
    else problem.count++;
  }
}

type Body = { readonly type?: unknown; readonly msg_id?: unknown; readonly in_reply_to?: unknown };

function describe({ type }: Body): string {
  const text = stringifyJson(type) ?? "no type";
  return text.length <= MAX_VALUE_CHARACTERS ? text : `${text.slice(0, MAX_VALUE_CHARACTERS - 1)}…`;
}

function describeWaiting(
  client: string,
  waiting: ReadonlyMap<number, Waiting> | undefined,
): string {
  const last = [...waiting ?? []].at(-1);
  if (last === undefined) return `${client} waits for no reply`;
  const [id, { type }] = last;
  return `${client} waits for in_reply_to ${id} (its ${type})`;
}

function isClient(id: unknown): boolean {
  return typeof id === "string" && /^c\d+$/.test(id);
}
