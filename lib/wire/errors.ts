/**
 * The error registry of Maelstrom's protocol: codes, their names, and whether each is definite.
 *
 * A definite error guarantees that the operation did not and will not happen. After an indefinite
 * error, the operation may have happened, may still happen, or may never happen.
 *
 * @module
 */

import type { Body } from "./message.ts";

/** Error codes by name. A program may define its own codes from 1000; they are always indefinite. */
export const ErrorCode = {
  /** No reply arrived in time. Never sent: the client records it for its own request. */
  timeout: 0,
  /** The destination is not a node of the network. */
  nodeNotFound: 1,
  /** The node does not support this type of request. */
  notSupported: 10,
  /** The node cannot serve requests at the moment, and has not executed this one. */
  temporarilyUnavailable: 11,
  /** The request does not match the schema that the node expects. */
  malformedRequest: 12,
  /** The node failed with an unexpected error; the operation may have happened. */
  crash: 13,
  /** The node aborted the operation, which has not happened. */
  abort: 14,
  /** The key does not exist. */
  keyDoesNotExist: 20,
  /** The key exists already. */
  keyAlreadyExists: 21,
  /** A precondition failed, such as the expected value of a compare-and-set. */
  preconditionFailed: 22,
  /** The transaction conflicts with another one and has been aborted. */
  txnConflict: 30,
} as const;

interface RegistryEntry {
  readonly name: string;
  readonly definite: boolean;
}

const registry: ReadonlyMap<number, RegistryEntry> = new Map([
  [ErrorCode.timeout, { name: "timeout", definite: false }],
  [ErrorCode.nodeNotFound, { name: "node-not-found", definite: true }],
  [ErrorCode.notSupported, { name: "not-supported", definite: true }],
  [ErrorCode.temporarilyUnavailable, { name: "temporarily-unavailable", definite: true }],
  [ErrorCode.malformedRequest, { name: "malformed-request", definite: true }],
  [ErrorCode.crash, { name: "crash", definite: false }],
  [ErrorCode.abort, { name: "abort", definite: true }],
  [ErrorCode.keyDoesNotExist, { name: "key-does-not-exist", definite: true }],
  [ErrorCode.keyAlreadyExists, { name: "key-already-exists", definite: true }],
  [ErrorCode.preconditionFailed, { name: "precondition-failed", definite: true }],
  [ErrorCode.txnConflict, { name: "txn-conflict", definite: true }],
]);

/** Returns an error's name in the registry; `unknown` for a code that is not registered. */
export function errorName(code: number): string {
  return registry.get(code)?.name ?? "unknown";
}

/** Whether an error is definite; false for a code that is not registered. */
export function isDefinite(code: number): boolean {
  return registry.get(code)?.definite ?? false;
}

/**
 * An error of the protocol. A handler throws it to reply with an `error` message; a call throws it
 * when its reply is an `error` message.
 */
export class RpcError extends Error {
  /** The name of the class. */
  override readonly name = "RpcError";
  /** The code's name, such as `key-does-not-exist`. */
  readonly errorName: string;
  /** Whether the error is definite: the operation did not and will not happen. */
  readonly definite: boolean;

  /** Creates an error with a code of the registry or from 1000; `text` explains it to people. */
  constructor(readonly code: number, readonly text: string) {
    super(`${errorName(code)} (${code}): ${text}`);
    this.errorName = errorName(code);
    this.definite = isDefinite(code);
  }

  /** Returns the body of the `error` message. */
  toBody(): Body {
    return { type: "error", code: this.code, text: this.text };
  }

  /**
   * Parses the body of an `error` message. A missing or malformed code becomes 13 (crash). The error
   * has no stack trace, which would only show that a message was received.
   */
  static fromBody(body: Body): RpcError {
    const code = typeof body.code === "number" ? body.code : ErrorCode.crash;
    const text = typeof body.text === "string" ? body.text : "no error text given";
    const { stackTraceLimit } = Error;
    // Taking the trace would cost more than everything else that handles the message.
    Error.stackTraceLimit = 0;
    try {
      return new RpcError(code, text);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}
