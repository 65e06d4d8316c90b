/**
 * The parts of a node's storage that hosts need. A node's author needs {@link Storage} only, which
 * the node library exports; this module is not loaded for nodes that do not persist.
 *
 * @module
 */

export type { Disk } from "./disk.ts";
export { decodeLog, encodeLog, frameEnds, HEADER_BYTES, MAGIC } from "./log_format.ts";
export { LogStorage, TORN_RECORD_CUT } from "./log_storage.ts";
export { CorruptStorageError, type Recovered, type Storage } from "./storage.ts";
