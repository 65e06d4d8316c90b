/**
 * How WASI preview 1 lays out the properties of files in a program's memory, and what the flags of
 * its calls mean.
 *
 * @module
 */

import {
  type NamedEntry,
  type OpenFiles,
  type OpenOptions,
  statusOf,
} from "../files/open_files.ts";
import { FileType, type GuestMemory } from "./wasi_abi.ts";

type Entry = ReturnType<OpenFiles["stat"]>;

/** The flags of descriptors; with the synchronous ones (DSYNC, RSYNC, SYNC) writes are durable. */
export const DescriptorFlag = { append: 1, synchronous: 2 | 8 | 16 } as const;
const OpenFlag = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
const Right = { read: 1n << 1n, write: 1n << 6n } as const;
const FDSTAT_BYTES = 24;
const FILESTAT_BYTES = 64;
const DIRENT_BYTES = 24;

const encoder = new TextEncoder();

/** Writes the properties of a descriptor, which has all rights. */
export function writeDescriptorStatus(
  memory: GuestMemory,
  address: number,
  { type, flags }: { readonly type: number; readonly flags: number },
): void {
  const bytes = memory.bytes(address, FDSTAT_BYTES).fill(0);
  bytes[0] = type;
  bytes[2] = flags;
  bytes.fill(0xff, 8);
}

/** Writes the properties of a file or a directory; of a stream, which has none, zeros. */
export function writeFileStatus(memory: GuestMemory, address: number, entry?: Entry): void {
  const bytes = memory.bytes(address, FILESTAT_BYTES).fill(0);
  if (entry === undefined) return;
  const { number, length, modifiedMs, isDirectory } = statusOf(entry);
  bytes[16] = isDirectory ? FileType.directory : FileType.regular;
  memory.setUint64(address + 8, BigInt(number));
  memory.setUint64(address + 24, 1n);
  memory.setUint64(address + 32, BigInt(length));
  for (const time of [40, 48, 56]) memory.setTime(address + time, modifiedMs);
}

/** Returns how `path_open` opens a file. */
export function openOptionsOf(openFlags: number, rights: bigint, flags: number): OpenOptions {
  const has = (flag: number) => (openFlags & flag) !== 0;
  const isDirectory = has(OpenFlag.directory);
  return {
    isReadable: (rights & Right.read) !== 0n,
    isWritable: !isDirectory && (rights & Right.write) !== 0n,
    appends: (flags & DescriptorFlag.append) !== 0,
    creates: has(OpenFlag.create),
    isExclusive: has(OpenFlag.exclusive),
    truncates: has(OpenFlag.truncate),
    isDirectory,
  };
}

/** Returns entries of a directory that follow the first `skipped`, as `fd_readdir` lays them out. */
export function direntsOf(entries: readonly NamedEntry[], skipped: number): Uint8Array {
  const parts = entries.map(([name, { number, isDirectory }], index) => {
    const text = encoder.encode(name);
    const bytes = new Uint8Array(DIRENT_BYTES + text.length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(skipped + index + 1), true);
    view.setBigUint64(8, BigInt(number), true);
    view.setUint32(16, text.length, true);
    view.setUint8(20, isDirectory ? FileType.directory : FileType.regular);
    bytes.set(text, DIRENT_BYTES);
    return bytes;
  });
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
