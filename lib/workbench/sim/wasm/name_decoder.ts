/**
 * The `TextDecoder` of Go's glue. The glue decodes the names of properties again and again, several
 * for each message. A table of short names takes a fraction of the time of a decoder.
 *
 * @module
 */

const MAX_NAME_BYTES = 32;
const MAX_ASCII = 0x7f;
const TABLE_LENGTH = 256;

const decoder = new TextDecoder();
/** The last name of each hash. */
const names: (string | undefined)[] = new Array(TABLE_LENGTH).fill(undefined);

/** Decodes UTF-8. Only the part of `TextDecoder` that the glue uses. */
export class NameDecoder {
  decode(bytes: DataView): string {
    const length = bytes.byteLength;
    if (length > MAX_NAME_BYTES) return decoder.decode(bytes);
    let hash = length;
    for (let index = 0; index < length; index++) {
      const byte = bytes.getUint8(index);
      if (byte > MAX_ASCII) return decoder.decode(bytes);
      hash = (hash * 31 + byte) % TABLE_LENGTH;
    }
    const known = names[hash];
    if (known !== undefined && isEqual(known, bytes)) return known;
    return names[hash] = decoder.decode(bytes);
  }
}

function isEqual(name: string, bytes: DataView): boolean {
  if (name.length !== bytes.byteLength) return false;
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) !== bytes.getUint8(index)) return false;
  }
  return true;
}
