/**
 * The persistent state of a member as bytes: one snapshot, and the records after it.
 *
 * @module
 */

import { isJsonObject, type Json, parseJson, stringifyJson } from "../../../../base/mod.ts";
import type { Entry, LogRecord, Recovered, Snapshot } from "../types.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Returns the bytes of a record or a snapshot. */
export function encode(value: LogRecord | Snapshot): Uint8Array {
  return encoder.encode(stringifyJson(value));
}

/**
 * Replays what a storage has. A record of entries replaces all entries from its index on.
 *
 * @throws {TypeError} A record is not one of Raft; the storage belongs to another program.
 */
export function readRecords(
  snapshot: Uint8Array | undefined,
  records: readonly Uint8Array[],
): Recovered {
  const base = snapshot === undefined ? undefined : decode(snapshot, 0) as unknown as Snapshot;
  const start = (base?.index ?? 0) + 1;
  const entries: Entry[] = [];
  let term = base?.term ?? 0;
  let vote: string | null = null;
  for (const [index, bytes] of records.entries()) {
    const record = decode(bytes, index + 1) as unknown as LogRecord;
    if ("term" in record) ({ term, vote } = record);
    else {
      entries.length = record.from - start;
      entries.push(...record.entries);
    }
  }
  return { term, vote, snapshot: base, entries };
}

function decode(bytes: Uint8Array, number: number): Record<string, Json> {
  const found = `record ${number} of the storage must be one of Raft`;
  let value: Json;
  try {
    value = parseJson(decoder.decode(bytes));
  } catch (error) {
    throw new TypeError(`${found}, got no JSON (${(error as Error).message}); use an empty folder`);
  }
  if (isJsonObject(value) && ("term" in value || "from" in value)) return value;
  throw new TypeError(`${found}, got ${stringifyJson(value).slice(0, 80)}; use an empty folder`);
}
