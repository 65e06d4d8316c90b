/**
 * CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720, appendix B.4), ext4 and LevelDB. It detects
 * every error of up to 32 adjacent bits, so also any damaged byte.
 *
 * @module
 */

/** The polynomial 0x1EDC6F41 with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
  }
  return remainder;
});

/** Returns the checksum of the bytes from `start` to `end`, as an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let remainder = -1;
  for (let index = start; index < end; index++) {
    const entry = (remainder ^ (bytes[index] as number)) & 0xff;
    remainder = (TABLE[entry] as number) ^ (remainder >>> 8);
  }
  return ~remainder >>> 0;
}
