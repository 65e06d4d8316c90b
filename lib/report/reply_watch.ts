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
  /** Whether `src` or `dest` is wrong, so that no client receives the reply. */
  readonly isMisaddressed: boolean;
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
  /** Whether the node has received the request. */
  isReceived: boolean;
}

/** A mistake that was seen, and how often. */
interface Seen {
  count: number;
  readonly text: string;
}

/** The mistakes that a watch counts. */
type Kind =
  | "itself"
  | "swapped"
  | "late"
  | "missing"
  | "type"
  | "twice"
  | "other"
  | "code"
  | "reused"
  | "unanswered";

const MISADDRESSED: readonly Kind[] = ["itself", "swapped"];
/** A timer may end a little earlier than the clock says. */
const TIMER_TOLERANCE_NS = 10e6;
const MAX_VALUE_CHARACTERS = 60;
/** The number of first requests of each node that are compared: a reused `msg_id` shows early. */
const MAX_COMPARED_REQUESTS = 64;

/** The replies of one run. */
export class ReplyWatch {
  /** By client, the requests without a reply, by their `msg_id`. */
  readonly #waiting = new Map<string, Map<number, Waiting>>();
  readonly #answered = new Map<string, Set<number>>();
  /** By node, its first requests to other nodes as JSON, by their `msg_id`. */
  readonly #requests = new Map<string, Map<number, string>>();
  readonly #seen = new Map<Kind, Seen>();
  readonly #lateNs: number;

  /** A reply later than `deadlineMs` after its request reaches a client that has stopped waiting. */
  constructor(deadlineMs: number) {
    this.#lateNs = deadlineMs * 1e6;
  }

  /**
   * Returns the mistakes until a time in nanoseconds, most frequent first. Requests that a node has
   * received and not answered are mistakes once their client has stopped waiting.
   */
  problemsUntil(timeNs: number): readonly ReplyProblem[] {
    const seen = new Map(this.#seen);
    const unanswered = [...this.#waiting].flatMap(([client, waiting]) =>
      [...waiting].filter(([, { isReceived, time }]) =>
        isReceived && time + this.#lateNs <= timeNs + TIMER_TOLERANCE_NS
      )
        .map(([id, { node, type }]) =>
          `${node} received ${client}'s ${type} (msg_id ${id}) and never replied: its handler ` +
          "sends no reply, or has not ended"
        )
    );
    const [first] = unanswered;
    if (first !== undefined) seen.set("unanswered", { count: unanswered.length, text: first });
    return [...seen].sort(([, a], [, b]) => b.count - a.count).map(([kind, { count, text }]) => ({
      count,
      text,
      isMisaddressed: MISADDRESSED.includes(kind),
    }));
  }

  /** Notes an event of the journal. */
  observe({ type, time, message: { src, dest, body } }: Omit<NetworkEvent, "id">): void {
    const fields = typeof body === "object" && body !== null ? body as Body : {};
    const { msg_id: id } = fields;
    if (type === "recv") {
      const request = typeof id === "number" ? this.#waiting.get(src)?.get(id) : undefined;
      if (request?.node === dest) request.isReceived = true;
    } else if (isClient(src)) this.#onClientMessage(src, dest, fields, time);
    else if (isClient(dest)) this.#onReply(src, dest, fields, time);
    else if (typeof fields.in_reply_to === "number") {
      if (dest !== src) return;
      this.#add("itself", `${src} sent a reply to itself: dest must be the src of the request`);
    } else if (typeof id === "number") this.#onNodeRequest(src, dest, id, body);
  }

  #onClientMessage(client: string, node: string, fields: Body, time: number): void {
    if (fields.in_reply_to !== undefined) {
      this.#add(
        "swapped",
        `${node} sent the reply ${describe(fields)} with src ${client} and dest ${node}: ` +
          "src and dest are swapped",
      );
      return;
    }
    // A node that restarts has forgotten its requests, and those of clients.
    if (fields.type === "init") this.#forget(node);
    if (typeof fields.msg_id !== "number") return;
    let waiting = this.#waiting.get(client);
    if (waiting === undefined) this.#waiting.set(client, waiting = new Map());
    const type = String(fields.type);
    waiting.set(fields.msg_id, { node, type, time, isReceived: false });
  }

  #forget(node: string): void {
    this.#requests.delete(node);
    for (const waiting of this.#waiting.values()) {
      for (const [id, request] of waiting) if (request.node === node) waiting.delete(id);
    }
  }

  /** Retransmissions are equal; a different request with the same id is a mistake. */
  #onNodeRequest(node: string, dest: string, id: number, body: unknown): void {
    let requests = this.#requests.get(node);
    if (requests === undefined) this.#requests.set(node, requests = new Map());
    const known = requests.get(id);
    if (known === undefined && requests.size >= MAX_COMPARED_REQUESTS) return;
    const text = stringifyJson(body) ?? "";
    if (known === undefined) requests.set(id, text);
    else if (known !== text) {
      this.#add(
        "reused",
        `${node} sent different requests with msg_id ${id} (the second to ${dest}): their ` +
          "replies cannot be distinguished",
      );
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
      if (reply.type === "error" && !Number.isSafeInteger(reply.code)) {
        this.#add(
          "code",
          `${node} answered ${client}'s ${request.type} with an error without a code; expected ` +
            "an integer, such as 11 (temporarily unavailable)",
        );
      }
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

  #add(kind: Kind, text: string): void {
    const seen = this.#seen.get(kind);
    if (seen === undefined) this.#seen.set(kind, { count: 1, text });
    else seen.count++;
  }
}

interface Body {
  readonly type?: unknown;
  readonly msg_id?: unknown;
  readonly in_reply_to?: unknown;
  readonly code?: unknown;
}

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
