/**
 * Encodes the operations of a history that is recorded, as pieces of lines. The pieces together are
 * the line that `encodeOperationJson` or `encodeOperationEdn` returns, but the text of a long list
 * is taken from that of an earlier one.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import { sharedValueOf } from "./compact_operations.ts";
import { ednData } from "./edn_text.ts";
import { encodeOperationJson } from "./history_jsonl.ts";
import { ListEncoder } from "./list_encoder.ts";
import type { Operation } from "./operation.ts";
import { encodeOperationEdn } from "./operation_edn.ts";

/** A part of a line. Bytes are valid until the next line is encoded. */
export type LinePiece = string | Uint8Array;

/** Functions whose lists are encoded element by element, as data. */
const DATA_FUNCTION = /^(?!txn$|send$|poll$)[a-z-]+$/;

/** Encodes operations in one of the file formats of histories. */
export class HistoryLines {
  readonly #encode: (operation: Operation) => string;
  /** The text of an empty value, with the text before it. */
  readonly #emptyValue: string;
  readonly #lists: ListEncoder;

  constructor(format: "jsonl" | "edn") {
    const isJson = format === "jsonl";
    this.#encode = isJson ? encodeOperationJson : encodeOperationEdn;
    this.#emptyValue = isJson ? '"value":[]' : ":value []";
    this.#lists = new ListEncoder(isJson ? "," : " ", isJson ? stringifyJson : ednData);
  }

  /** Returns the pieces of an operation's line, without the newline. */
  pieces(operation: Operation): readonly LinePiece[] {
    const list = sharedValueOf(operation);
    if (list === undefined || !DATA_FUNCTION.test(operation.f)) return [this.#encode(operation)];
    const { value: _, ...others } = Object.getOwnPropertyDescriptors(operation);
    const empty = Object.defineProperties({ value: [] }, others) as unknown as Operation;
    const line = this.#encode(empty);
    const start = line.indexOf(this.#emptyValue) + this.#emptyValue.length - 1;
    return [line.slice(0, start), ...this.#lists.encode(list), line.slice(start)];
  }
}
