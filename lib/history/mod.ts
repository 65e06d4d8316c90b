/**
 * Histories and operations, as Jepsen defines them, and the file formats of histories and results.
 *
 * @module
 */

export { CompactOperations, sharedValueOf } from "./compact_operations.ts";
export { Continuations } from "./continuations.ts";
export type { HistoryText } from "./decode_lines.ts";
export { decodeHistory } from "./decode_history.ts";
export { MalformedHistoryError } from "./malformed_history.ts";
export { EdnError, parseEdn, parseEdnAll } from "./edn_reader.ts";
export { writeEdn } from "./edn_writer.ts";
export { type ExceptionRecord, exceptionRecord } from "./exception.ts";
export { decodeHistoryEdn, encodeHistoryEdn } from "./history_edn.ts";
export { HistoryLines, type LinePiece, MIN_CONTINUED_ELEMENTS } from "./history_lines.ts";
export {
  decodeHistoryJsonl,
  encodeHistoryJsonl,
  encodeOperationJson,
  operationRecord,
} from "./history_jsonl.ts";
export {
  type History,
  isClientOperation,
  isOperation,
  NEMESIS,
  type Operation,
  type OperationPair,
  type OperationType,
  pairOperations,
} from "./operation.ts";
export { encodeOperationEdn } from "./operation_edn.ts";
export {
  elementsFrom,
  elementsOf,
  type SharedBase,
  type SharedList,
  SharedLists,
} from "./shared_lists.ts";
