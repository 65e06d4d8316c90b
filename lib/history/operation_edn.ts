/**
 * Encodes operations as Jepsen does. JSON has no keywords, so a string's position determines
 * whether it is one: functions, types, error names, the functions of micro-operations, the keys of
 * a message's body, and the nemesis's strings are keywords. All other strings are a client's data.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";
import { ednAtom, ednData, ednKeyword, ednMap, ednString, ednSymbol } from "./edn_text.ts";
import { NEMESIS, type Operation } from "./operation.ts";

const MICRO_OPERATION_FUNCTIONS: ReadonlySet<string> = new Set(["txn", "send", "poll"]);
const ERROR_NAME = /^[a-z][a-z0-9-]*$/;
const INTEGER = /^(0|-?[1-9][0-9]*)$/;

/** Encodes an operation as an EDN map on one line, without a tag. */
export function encodeOperationEdn(operation: Operation): string {
  const { index, time, type, process, f, value, error, final, exception, extra } = operation;
  let text = `{:index ${index}, :time ${time}, :type :${type}, :process ` +
    `${process === NEMESIS ? ":nemesis" : process}, :f ${ednKeyword(f)}, :value ` +
    (process === NEMESIS ? nemesisValue(value) : clientValue(f, value));
  for (const key in extra) text += `, ${ednKeyword(key)} ${extraValue(extra[key])}`;
  if (final === true) text += ", :final? true";
  if (exception !== undefined) text += `, :exception ${exceptionValue(exception)}`;
  if (error !== undefined) text += `, :error ${errorValue(error)}`;
  return text + "}";
}

function clientValue(f: string, value: unknown): string {
  if (MICRO_OPERATION_FUNCTIONS.has(f) && Array.isArray(value)) {
    return `[${value.map(microOperation).join(" ")}]`;
  }
  if (isMessageBody(value)) return ednMap(value, ednKeyword, ednData);
  return ednData(value);
}

function microOperation(value: unknown): string {
  if (!Array.isArray(value) || typeof value[0] !== "string") return ednData(value);
  return `[${[ednKeyword(value[0]), ...value.slice(1).map(ednData)].join(" ")}]`;
}

function isMessageBody(value: unknown): value is object {
  return isJsonObject(value) && typeof value["type"] === "string" &&
    typeof value["in_reply_to"] === "number";
}

/** Encodes a nemesis value: `:majority`, or `[:isolated {"n0" #{"n1"}}]`. */
function nemesisValue(value: unknown): string {
  if (typeof value === "string") return ednKeyword(value);
  if (Array.isArray(value)) return `[${value.map(nemesisValue).join(" ")}]`;
  if (isJsonObject(value)) {
    return ednMap(
      value,
      ednString,
      (member) =>
        Array.isArray(member) ? `#{${member.map(ednData).join(" ")}}` : nemesisValue(member),
    );
  }
  return ednAtom(value);
}

function extraValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(extraValue).join(" ")}]`;
  if (!isJsonObject(value)) return ednAtom(value);
  return ednMap(value, (key) => INTEGER.test(key) ? key : ednKeyword(key), extraValue);
}

function errorValue(error: unknown): string {
  if (typeof error === "string") return ERROR_NAME.test(error) ? `:${error}` : ednString(error);
  if (!Array.isArray(error)) return ednData(error);
  const [name, ...rest] = error;
  const head = typeof name === "string"
    ? [ednKeyword(name)]
    : error.length > 0
    ? [ednData(name)]
    : [];
  return `[${[...head, ...rest.map(ednData)].join(" ")}]`;
}

/** Encodes an `ExceptionRecord`, or an exception that Jepsen recorded. */
function exceptionValue(exception: unknown): string {
  if (!isJsonObject(exception)) return ednData(exception);
  return ednMap(exception, ednKeyword, (value, key) => {
    if (key === "via" && Array.isArray(value)) return `[${value.map(exceptionCause).join(" ")}]`;
    if (key === "trace" && Array.isArray(value)) return `[${value.map(stackFrame).join(" ")}]`;
    return key === "data" ? exceptionData(value) : ednData(value);
  });
}

function exceptionCause(cause: unknown): string {
  if (!isJsonObject(cause)) return ednData(cause);
  return ednMap(cause, ednKeyword, (value, key) => {
    if (key === "type" && typeof value === "string") return ednSymbol(value);
    if (key === "at") return stackFrame(value);
    return key === "data" ? exceptionData(value) : ednData(value);
  });
}

/** Encodes a stack frame: `[class method "file" line]`. */
function stackFrame(frame: unknown): string {
  if (!Array.isArray(frame)) return ednData(frame);
  return `[${
    frame.map((part, index) =>
      index < 2 && typeof part === "string" ? ednSymbol(part) : ednData(part)
    ).join(" ")
  }]`;
}

/** Encodes an exception's data, as Maelstrom's: the values of `:type` and `:name` are keywords. */
function exceptionData(data: unknown): string {
  if (!isJsonObject(data)) return ednData(data);
  return ednMap(data, ednKeyword, (value, key) => {
    if ((key === "type" || key === "name") && typeof value === "string") return ednKeyword(value);
    return isJsonObject(value) ? ednMap(value, ednKeyword, ednData) : ednData(value);
  });
}
