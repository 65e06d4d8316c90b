/**
 * What the reader looks at: a part of the run's time, and a selected operation or message. All
 * sections share it, so that each shows what another one selects.
 *
 * @module
 */

import { type DrawnMessage, type DrawnOperation, maxOf, type RunData } from "../run_data.ts";

/** What is selected. */
export type Selection =
  | { readonly kind: "operation"; readonly operation: DrawnOperation }
  | { readonly kind: "message"; readonly message: DrawnMessage }
  | undefined;

/** The shortest time that can be shown. */
const MIN_SPAN_MS = 0.01;
/** Around what a reader opens, this part of its length is shown, too. */
const MARGIN = 0.3;

/** The shared view of a run. */
export class View {
  fromMs: number;
  toMs: number;
  selection: Selection;
  /** The operations that the verdict points to. */
  marked: ReadonlySet<DrawnOperation> = new Set();
  readonly #operationsByIndex = new Map<number, DrawnOperation>();
  readonly #listeners: (() => void)[] = [];
  #isScheduled = false;

  constructor(readonly run: RunData) {
    this.fromMs = 0;
    this.toMs = Math.max(1, run.endMs);
    for (const operation of run.operations) {
      this.#operationsByIndex.set(operation.index, operation);
      if (operation.endIndex !== undefined) {
        this.#operationsByIndex.set(operation.endIndex, operation);
      }
    }
  }

  /** Calls a function after each change, at most once a frame. */
  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Returns the operation with an event of this index in the history. */
  operationAt(index: number): DrawnOperation | undefined {
    return this.#operationsByIndex.get(index);
  }

  /** Shows a part of the time. */
  show(fromMs: number, toMs: number): void {
    const { endMs } = this.run;
    const span = Math.min(Math.max(toMs - fromMs, MIN_SPAN_MS), Math.max(endMs, 1));
    this.fromMs = Math.min(Math.max(0, fromMs), Math.max(0, Math.max(endMs, 1) - span));
    this.toMs = this.fromMs + span;
    this.#changed();
  }

  showAll(): void {
    this.show(0, Math.max(1, this.run.endMs));
  }

  /** Zooms by a factor; the time `atMs` stays where it is. */
  zoom(factor: number, atMs: number): void {
    this.show(atMs - (atMs - this.fromMs) * factor, atMs + (this.toMs - atMs) * factor);
  }

  select(selection: Selection): void {
    this.selection = selection;
    this.#changed();
  }

  /** Marks operations, by default all that are opened, and shows the time around them. */
  open(
    operations: readonly DrawnOperation[],
    marked: ReadonlySet<DrawnOperation> = new Set(operations),
  ): void {
    const [first] = operations;
    if (first === undefined) return;
    this.marked = marked;
    this.selection = { kind: "operation", operation: operations.at(-1) ?? first };
    const startMs = Math.min(...operations.map((operation) => operation.startMs));
    const endMs = maxOf(operations.map((operation) => operation.endMs));
    const marginMs = Math.max(5, (endMs - startMs) * MARGIN);
    this.show(startMs - marginMs, endMs + marginMs);
  }

  /** Selects the next message after the selected one, or the one before it (`by` -1). */
  step(by: 1 | -1): void {
    const { messages } = this.run;
    const { selection } = this;
    const at = selection?.kind === "message"
      ? messages.indexOf(selection.message) + by
      : messages.findIndex(({ sentMs }) => sentMs >= this.fromMs);
    const message = messages[at];
    if (message === undefined) return;
    this.selection = { kind: "message", message };
    const { sentMs } = message;
    const half = (this.toMs - this.fromMs) / 2;
    if (sentMs >= this.fromMs && sentMs <= this.toMs) this.#changed();
    else this.show(sentMs - half, sentMs + half);
  }

  #changed(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
