/**
 * A client's transaction that waits to be committed. It times out, and the client then gets a
 * definite error (30, txn-conflict) if no attempt can still commit it, or else an indefinite one
 * (0, timeout).
 *
 * @module
 */

import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation, Transaction } from "../transaction.ts";

/** A transaction and the client that waits for its reply. */
export class ClientRequest {
  /** Resolves to the transaction with its reads filled in; rejects with the client's error. */
  readonly reply: Promise<MicroOperation[]>;
  #resolve: (results: MicroOperation[]) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #cancelTimer: () => void;
  #mayBeCommitted = false;
  #isSettled = false;

  /** The request times out after `timeoutMs` milliseconds. */
  constructor(
    node: Pick<Node, "after">,
    readonly transaction: Transaction,
    readonly client: string,
    timeoutMs: number,
  ) {
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#cancelTimer = node.after(timeoutMs, () => this.#timeOut(timeoutMs));
  }

  /** Whether the client has its reply. A transaction without an attempt by then gets none. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Notes that an attempt to commit the transaction starts. */
  attempted(): void {
    this.#mayBeCommitted = true;
  }

  /** Notes that all attempts so far have certainly failed. */
  failed(): void {
    this.#mayBeCommitted = false;
  }

  /** Replies to the client: the transaction is committed, with these results. */
  committed(results: MicroOperation[]): void {
    if (this.#settle()) this.#resolve(results);
  }

  #timeOut(timeoutMs: number): void {
    if (!this.#settle()) return;
    const text = `the transaction was not committed within ${timeoutMs} ms`;
    this.#reject(
      this.#mayBeCommitted
        ? new RpcError(ErrorCode.timeout, `${text}; whether it will be is unknown`)
        : new RpcError(ErrorCode.txnConflict, `${text} and never will be; retry it`),
    );
  }

  /** Returns whether the request was still pending. */
  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#cancelTimer();
    return true;
  }
}
