/**
 * The error registry of Maelstrom's protocol: which codes there are, what they are called, and
 * whether they are definite.
 *
 * @module
 */

import type { Body } from "./message.ts";

/** Error codes by name. Codes from 1000 on are a program's own and always indefinite. */
export const ErrorCode = {
  /** No answer within the time allowed. Never sent, only met by the one who waited. */
  timeout: 0,
  /** There is no such node. */
  nodeNotFound: 1,
  /** The node does not know this type of request. */
  notSupported: 10,
  /** The node cannot serve the request now, and has not. */
  temporarilyUnavailable: 11,
  /** The request does not have the form the node expects. */
  malformedRequest: 12,
  /** Something went wrong; the operation may or may not have happened. */
  crash: 13,
  /** The operation was given up and has not happened. */
  abort: 14,
  /** There is no such key. */
  keyDoesNotExist: 20,
  /** There is such a key already. */
  keyAlreadyExists: 21,
  /** A condition did not hold, such as the expected value of a compare-and-set. */
  preconditionFailed: 22,
  /** The transaction conflicts with another and has not happened. */
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

/** An error's name in the registry; `unknown` for a code that is not in it. */
export function errorName(code: number): string {
  return registry.get(code)?.name ?? "unknown";
}

/** Whether an error means that the operation did not and will not happen. */
export function isDefinite(code: number): boolean {
  return registry.get(code)?.definite ?? false;
}

/** An error that travels between nodes: thrown by a handler to send it, by a call that got it. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  /** The code's name, such as `key-does-not-exist`. */
  readonly errorName: string;
  /** Whether the operation certainly did not and will not happen. */
  readonly definite: boolean;

  /** `text` is for people. */
  constructor(readonly code: number, readonly text: string) {
    super(`${errorName(code)} (${code}): ${text}`);
    this.errorName = errorName(code);
    this.definite = isDefinite(code);
  }

  /** The body of the message that carries it. */
  toBody(): Body {
    return { type: "error", code: this.code, text: this.text };
  }

  /** Reads the body of an `error` message; one without a code counts as 13 (crash). */
  static fromBody(body: Body): RpcError {
    const code = typeof body.code === "number" ? body.code : ErrorCode.crash;
    return new RpcError(code, typeof body.text === "string" ? body.text : "no text was given");
  }
}
