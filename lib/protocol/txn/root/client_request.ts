/**
 * A client's transaction on its way to being committed. A client waits for a while only, and must
 * then be told the truth: that its transaction was not done and never will be (error 30), as long
 * as nobody has tried it, or else that nobody knows (error 0).
 *
 * @module
 */

import { ErrorCode, type Node, RpcError } from "../../../node/mod.ts";
import type { MicroOperation, Transaction } from "../transaction.ts";

/** A transaction that a client waits for. */
export class ClientRequest {
  /** What the client is told. */
  readonly answer: Promise<MicroOperation[]>;
  #resolve: (done: MicroOperation[]) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #cancelTimer: () => void;
  #isTried = false;
  #isAnswered = false;

  /** The client waits for `patience` milliseconds. */
  constructor(
    node: Pick<Node, "after">,
    readonly transaction: Transaction,
    readonly client: string,
    patience: number,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#cancelTimer = node.after(patience, () => this.#giveUp(patience));
  }

  /** Whether the client has its answer; what has not been tried by then must not be tried. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Somebody tries to commit it, from now on. */
  tried(): void {
    this.#isTried = true;
  }

  /** It is certain that all tries were in vain. */
  failed(): void {
    this.#isTried = false;
  }

  /** It is committed, with these reads. */
  committed(done: MicroOperation[]): void {
    if (this.#end()) this.#resolve(done);
  }

  #giveUp(patience: number): void {
    if (!this.#end()) return;
    const within = `was not committed within ${patience} ms`;
    this.#reject(
      this.#isTried
        ? new RpcError(ErrorCode.timeout, `the transaction ${within}, but may still be`)
        : new RpcError(ErrorCode.txnConflict, `the transaction ${within}, and will not be`),
    );
  }

  #end(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    this.#cancelTimer();
    return true;
  }
}
