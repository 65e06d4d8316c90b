/**
 * Encodes the operations of a history that is recorded, as pieces of lines. The pieces together are
 * the line that `encodeOperationJson` or `encodeOperationEdn` returns, but the text of a long list
 * is taken from that of an earlier one.
 *
 * The reads of a large set would fill the disk. So a line may instead *continue* an earlier one: with
 * `"continues":{"first":n,"of":index}` its value is the first n elements of the value of the operation
 * with that index, and then the elements of `value`.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import { sharedValueOf } from "./compact_operations.ts";
import { Continuations } from "./continuations.ts";
import { ednData } from "./edn_text.ts";
import { encodeOperationJson } from "./history_jsonl.ts";
import { ListEncoder } from "./list_encoder.ts";
import type { Operation } from "./operation.ts";
import { encodeOperationEdn } from "./operation_edn.ts";
import { elementsFrom } from "./shared_lists.ts";

/** A part of a line. Bytes are valid until the next line is encoded. */
export type LinePiece = string | Uint8Array;

/** Functions whose lists are encoded element by element, as data. */
const DATA_FUNCTION = /^(?!txn$|send$|poll$)[a-z-]+$/;

/** A list from this length on can be written as the continuation of another. */
export const MIN_CONTINUED_ELEMENTS = 1024;

/** Encodes operations in one of the file formats of histories. */
export class HistoryLines {
  readonly #encode: (operation: Operation) => string;
  /** The text of an empty value, with the text before it. */
  readonly #emptyValue: string;
  readonly #lists: ListEncoder;
  readonly #continuations = new Continuations();

  constructor(format: "jsonl" | "edn") {
    const isJson = format === "jsonl";
    this.#encode = isJson ? encodeOperationJson : encodeOperationEdn;
    this.#emptyValue = isJson ? '"value":[]' : ":value []";
    this.#lists = new ListEncoder(isJson ? "," : " ", isJson ? stringifyJson : ednData);
  }

  /**
   * Returns the pieces of an operation's line, without the newline. With `mayContinue`, a line with
   * a long list is made short if the list continues one of these lines.
   */
  pieces(operation: Operation, { mayContinue = false } = {}): readonly LinePiece[] {
    const list = sharedValueOf(operation);
    if (list === undefined || !DATA_FUNCTION.test(operation.f)) return [this.#encode(operation)];
    if (list.length >= MIN_CONTINUED_ELEMENTS) {
      const beginning = this.#continuations.add(operation.index, list);
      if (mayContinue && beginning !== undefined) {
        const extra = { ...operation.extra, continues: beginning };
        const value = elementsFrom(list, beginning.first);
        return [this.#encode({ ...withoutValue(operation), value, extra })];
      }
    }
    const line = this.#encode({ ...withoutValue(operation), value: [] });
    const start = line.indexOf(this.#emptyValue) + this.#emptyValue.length - 1;
    return [line.slice(0, start), ...this.#lists.encode(list), line.slice(start)];
  }
}

/** Returns the fields of an operation but its value, which would be made for a copy. */
function withoutValue(operation: Operation): Omit<Operation, "value"> {
  const { value: _, ...others } = Object.getOwnPropertyDescriptors(operation);
  return Object.defineProperties({}, others) as Omit<Operation, "value">;
}
