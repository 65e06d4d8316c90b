/**
 * The file format of a node's storage.
 *
 * A file begins with the line {@link MAGIC}. Frames follow, one for the snapshot, if there is one,
 * and one for each record:
 *
 * | Bytes | |
 * |---|---|
 * | 4 | length of the payload, little-endian; its highest bit marks the snapshot |
 * | 4 | CRC-32C of the payload |
 * | 4 | CRC-32C of the eight bytes before |
 * | … | the payload |
 *
 * A write that a loss of power interrupts leaves the beginning of its bytes. So a file may end
 * inside of a frame, which is then *torn*: its record was never durable, and is cut. A complete frame
 * with a wrong checksum is *damaged*: its record may have been acknowledged, so the file is refused.
 * A file system that leaves zeros where bytes were not written makes the end look damaged, too: the
 * node does not start, although nothing that it acknowledged is lost.
 *
 * The header has a checksum of its own. Without one, a damaged length could make a frame in the middle
 * of the file look torn, and all frames after it would be cut.
 *
 * @module
 */

import { crc32c } from "./crc32c.ts";

/** The first line of a file. */
export const MAGIC: Uint8Array = new TextEncoder().encode("gossip storage 1\n");
/** The number of bytes before each payload. */
export const HEADER_BYTES = 12;

/** The maximum length of a record or a snapshot in bytes. */
export const MAX_RECORD_BYTES = 2 ** 31 - 1;
const SNAPSHOT_BIT = 2 ** 31;

/** A file's contents. */
export interface DecodedLog {
  readonly snapshot: Uint8Array | undefined;
  readonly records: readonly Uint8Array[];
  /** The length of the file without a torn end. */
  readonly validBytes: number;
}

/** Damage in a file. */
export interface Damage {
  /** The position of the damaged frame in the file. */
  readonly offset: number;
  /** What is damaged, such as `the checksum of record 7`. */
  readonly problem: string;
}

/** Writes a frame into `target` at `offset`; returns the offset after it. */
export function encodeFrame(
  target: Uint8Array,
  offset: number,
  payload: Uint8Array,
  isSnapshot = false,
): number {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  const start = offset + HEADER_BYTES;
  target.set(payload, start);
  view.setUint32(offset, payload.length + (isSnapshot ? SNAPSHOT_BIT : 0), true);
  view.setUint32(offset + 4, crc32c(payload), true);
  view.setUint32(offset + 8, crc32c(target, offset, offset + 8), true);
  return start + payload.length;
}

/** Returns a whole file. */
export function encodeLog(snapshot: Uint8Array, records: readonly Uint8Array[]): Uint8Array {
  const payloads = [snapshot, ...records];
  const length = payloads.reduce((sum, payload) => sum + HEADER_BYTES + payload.length, 0);
  const bytes = new Uint8Array(MAGIC.length + length);
  bytes.set(MAGIC);
  let offset = MAGIC.length;
  for (const [index, payload] of payloads.entries()) {
    offset = encodeFrame(bytes, offset, payload, index === 0);
  }
  return bytes;
}

/**
 * Returns the ends of the frames in a part of a file that begins with a frame, or with the file. Does
 * not verify checksums. The part must not end inside of a frame.
 */
export function frameEnds(part: Uint8Array): number[] {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const isStart = MAGIC.every((byte, index) => byte === part[index]);
  const ends: number[] = [];
  let offset = isStart ? MAGIC.length : 0;
  while (offset + HEADER_BYTES <= part.length) {
    offset += HEADER_BYTES + view.getUint32(offset, true) % SNAPSHOT_BIT;
    ends.push(Math.min(offset, part.length));
  }
  return ends;
}

/** Returns a file's contents without a torn end, or the damage that was found first. */
export function decodeLog(bytes: Uint8Array): DecodedLog | Damage {
  const records: Uint8Array[] = [];
  let snapshot: Uint8Array | undefined;
  const begun = Math.min(bytes.length, MAGIC.length);
  if (MAGIC.subarray(0, begun).some((byte, index) => byte !== bytes[index])) {
    return { offset: 0, problem: "the first line" };
  }
  if (bytes.length < MAGIC.length) return { snapshot, records, validBytes: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = MAGIC.length;
  while (offset + HEADER_BYTES <= bytes.length) {
    const name = `record ${records.length + 1}`;
    const word = view.getUint32(offset, true);
    const isSnapshot = word >= SNAPSHOT_BIT;
    if (
      view.getUint32(offset + 8, true) !== crc32c(bytes, offset, offset + 8) ||
      (isSnapshot && offset > MAGIC.length)
    ) return { offset, problem: `the header of ${name}` };
    const start = offset + HEADER_BYTES;
    const end = start + (isSnapshot ? word - SNAPSHOT_BIT : word);
    if (end > bytes.length) break;
    if (view.getUint32(offset + 4, true) !== crc32c(bytes, start, end)) {
      return { offset, problem: isSnapshot ? "the snapshot" : name };
    }
    if (isSnapshot) snapshot = bytes.slice(start, end);
    else records.push(bytes.slice(start, end));
    offset = end;
  }
  return { snapshot, records, validBytes: offset };
}
