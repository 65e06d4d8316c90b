/**
 * The subjects of a cluster on NATS. All begin with `maelstrom.CLUSTER`:
 *
 * | Subject | Payload | Subscriber |
 * |---|---|---|
 * | `msg.DEST.SRC` | a message, as on a node's stdin | DEST |
 * | `call.NODE` | a request's body; the reply is the reply's body | NODE |
 * | `call` | the same, for any node | one of the nodes |
 * | `control.NODE` | a {@link Control}; the reply is a {@link Status} | NODE |
 * | `service.DEST.SRC` | a copy of a message to or from a service, on request | observers |
 * | `timestamp` | nothing; its sequence in a stream is a timestamp | JetStream |
 *
 * The sender is part of the subject, so that permissions of NATS decide which clients may send as which node.
 *
 * @module
 */

import { SERVICES } from "../../wire/mod.ts";

const ROOT = "maelstrom";
/** The service whose store is a stream; those of others are buckets. */
const TIMESTAMPS = "lin-tso";
const PLAIN = /[A-Za-z0-9_-]/;

/** The names that a cluster can have: NATS allows these characters in names of buckets. */
export const CLUSTER_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Encodes a text as one token of a subject: bytes of UTF-8 other than letters, digits, `-` and `_`
 * become `=` and two hexadecimal digits. Two texts have the same token only if they are equal.
 */
export function encodeToken(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  let token = "";
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    token += PLAIN.test(character) ? character : `=${byte.toString(16).padStart(2, "0")}`;
  }
  return token === "" ? "=" : token;
}

/** Decodes a token of {@link encodeToken}; undefined for any other text. */
export function decodeToken(token: string): string | undefined {
  if (!token.includes("=")) return PLAIN.test(token) ? token : undefined;
  if (token === "=") return "";
  const escaped = token.replace(/=([0-9a-f]{2})/g, "%$1");
  try {
    const text = decodeURIComponent(escaped);
    return encodeToken(text) === token ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The subjects that a user may publish and subscribe to, in the form of NATS's configuration. */
export interface Permissions {
  readonly publish: { readonly allow: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
  /** Whether the user may reply to requests that it receives. */
  readonly allow_responses: boolean;
}

/** The subjects of one cluster. */
export class Subjects {
  /** The name of the cluster. */
  readonly cluster: string;
  readonly #prefix: string;

  constructor(cluster: string) {
    this.cluster = cluster;
    this.#prefix = `${ROOT}.${cluster}`;
  }

  /** The subject of messages from `src` to `dest`. */
  message(dest: string, src: string): string {
    return `${this.#prefix}.msg.${encodeToken(dest)}.${encodeToken(src)}`;
  }

  /** The subjects of all messages to `dest`. */
  messagesTo(dest: string): string {
    return `${this.#prefix}.msg.${encodeToken(dest)}.*`;
  }

  /** The subjects of all messages of the cluster. */
  get messages(): string {
    return `${this.#prefix}.msg.*.*`;
  }

  /** The subject of a copy of a message to or from a service. */
  service(dest: string, src: string): string {
    return `${this.#prefix}.service.${encodeToken(dest)}.${encodeToken(src)}`;
  }

  /** The subjects of the copies of all messages to and from services. */
  get services(): string {
    return `${this.#prefix}.service.*.*`;
  }

  /** The subject of requests to a node. */
  call(node: string): string {
    return `${this.callAny}.${encodeToken(node)}`;
  }

  /** The subject of requests to any node. */
  get callAny(): string {
    return `${this.#prefix}.call`;
  }

  /** The subject of a node's controls. */
  control(node: string): string {
    return `${this.#prefix}.control.${encodeToken(node)}`;
  }

  /** The subject whose sequence numbers are timestamps. */
  get timestamp(): string {
    return `${this.#prefix}.timestamp`;
  }

  /** The name of a service's bucket or stream. */
  store(service: string): string {
    return `${this.cluster}_${service}`;
  }

  /**
   * The prefix of the subjects to which a client of the cluster receives replies. Each has its own,
   * so that permissions can keep one from the replies to another.
   */
  replies(name: string): string {
    return `_INBOX_${this.cluster}_${encodeToken(name)}`;
  }

  /** Returns the permissions that one node needs: it can send only as itself, and control no node. */
  permissions(node: string): Permissions {
    const token = encodeToken(node);
    const publish = [
      `${this.#prefix}.msg.*.${token}`,
      `${this.#prefix}.service.*.${token}`,
      `${this.#prefix}.service.${token}.*`,
      this.timestamp,
      "$JS.API.INFO",
    ];
    for (const service of SERVICES) {
      const isBucket = service !== TIMESTAMPS;
      const stream = isBucket ? `KV_${this.store(service)}` : this.store(service);
      const verbs = isBucket ? ["INFO", "CREATE", "MSG.GET"] : ["INFO", "CREATE"];
      publish.push(...verbs.map((verb) => `$JS.API.STREAM.${verb}.${stream}`));
      if (isBucket) publish.push(`$KV.${this.store(service)}.>`);
    }
    const subscribe = [
      this.messagesTo(node),
      this.control(node),
      this.call(node),
      this.callAny,
      `${this.replies(node)}.>`,
    ];
    return { publish: { allow: publish }, subscribe: { allow: subscribe }, allow_responses: true };
  }
}

/** Returns the sender that a subject of a message names; undefined if its last token is invalid. */
export function senderOf(subject: string): string | undefined {
  return decodeToken(subject.slice(subject.lastIndexOf(".") + 1));
}
