/**
 * The calls of WASI on open files. Descriptor 3 is the working directory, which is also the root; its only
 * entry is the node's folder.
 *
 * @module
 */

import { checkedOffset, type OpenFiles, type OpenOptions, statusOf } from "../files/open_files.ts";
import type { FileErrorCode } from "../files/file_error.ts";
import type { GuestNode } from "../guest.ts";
import type { CallLog } from "./call_log.ts";
import { Errno, FileType, type GuestMemory, type WasiCall } from "./wasi_abi.ts";
import {
  DescriptorFlag,
  direntsOf,
  writeDescriptorStatus,
  writeFileStatus,
} from "./wasi_file_layout.ts";

const ROOT = "/";
const DIRECTORY_OPTIONS: OpenOptions = {
  isReadable: true,
  isWritable: false,
  appends: false,
  creates: false,
  isExclusive: false,
  truncates: false,
  isDirectory: true,
};

/** Which times a call sets. Times of access are not kept. */
const TimeFlag = { modified: 4, modifiedNow: 8 } as const;
const NS_PER_MS = 1e6;
const Whence = { set: 0, current: 1, end: 2 } as const;

type Entry = ReturnType<OpenFiles["stat"]>;

const ERRNO_OF: Readonly<Record<FileErrorCode, number>> = {
  EACCES: Errno.access,
  EBADF: Errno.badDescriptor,
  EBUSY: Errno.busy,
  EEXIST: Errno.exists,
  EFBIG: Errno.fileTooBig,
  EINVAL: Errno.invalid,
  EISDIR: Errno.isDirectory,
  ENOENT: Errno.noEntry,
  ENOTDIR: Errno.notDirectory,
  ENOTEMPTY: Errno.notEmpty,
};

/** What the calls on files need of the guest. */
export interface WasiFileHost {
  readonly node: GuestNode;
  readonly files: OpenFiles;
  readonly calls: CallLog;
  memory(): GuestMemory;
}

/** The calls on descriptors that do not wait. */
export const FILE_CALLS = [
  "fd_advise",
  "fd_allocate",
  "fd_close",
  "fd_fdstat_get",
  "fd_fdstat_set_flags",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "fd_pread",
  "fd_prestat_dir_name",
  "fd_prestat_get",
  "fd_pwrite",
  "fd_readdir",
  "fd_seek",
  "fd_tell",
] as const;

const encoder = new TextEncoder();

/** Runs a call on files; returns its error number. */
export function attempt(
  { calls }: WasiFileHost,
  name: string,
  path: string | number,
  operation: () => unknown,
): number {
  return calls.attempt<number>(
    () => `${name}(${typeof path === "string" ? JSON.stringify(path) : path})`,
    () => {
      operation();
      return Errno.success;
    },
    (code) => ERRNO_OF[code],
  );
}

/** Reads from a file, or writes to it, the buffers that a program names, one after the other. */
export function transfer(
  host: WasiFileHost,
  name: "fd_read" | "fd_write" | "fd_pread" | "fd_pwrite",
  [descriptor, iovecs, count, size]: readonly [number, number, number, number],
  offset?: bigint,
): number {
  return attempt(host, name, descriptor, () => {
    const { files } = host;
    const memory = host.memory();
    let length = 0;
    for (const buffer of memory.buffers(iovecs, count)) {
      const at = offset === undefined ? undefined : Number(offset) + length;
      if (name.endsWith("read")) {
        const read = files.read(descriptor, buffer, at);
        length += read;
        if (read < buffer.length) break;
      } else {
        files.write(descriptor, buffer, at);
        length += buffer.length;
      }
    }
    memory.setUint32(size, length);
  });
}

/** Sets the time of the last change: to a given one, or to the present time of the node. */
export function setTime(
  { files, node }: WasiFileHost,
  entry: Entry,
  timeNs: bigint,
  flags: number,
): void {
  if ((flags & TimeFlag.modified) !== 0) files.setModified(entry, Number(timeNs) / NS_PER_MS);
  else if ((flags & TimeFlag.modifiedNow) !== 0) files.setModified(entry, node.now());
}

/** Returns the calls on descriptors of one incarnation of a node, except those that wait. */
export function fileCallsOf(
  host: WasiFileHost,
): Record<typeof FILE_CALLS[number], WasiCall> {
  const { files, memory } = host;
  const root = files.open(ROOT, DIRECTORY_OPTIONS);
  return {
    fd_prestat_get: (descriptor: number, address: number) => {
      if (descriptor !== root) return Errno.badDescriptor;
      memory().setUint32(address, 0);
      memory().setUint32(address + 4, ROOT.length);
      return Errno.success;
    },
    fd_prestat_dir_name: (descriptor: number, address: number, length: number) => {
      if (descriptor !== root) return Errno.badDescriptor;
      memory().bytes(address, length).set(encoder.encode(ROOT).subarray(0, length));
      return Errno.success;
    },
    fd_fdstat_get: (descriptor: number, address: number) =>
      attempt(host, "fd_fdstat_get", descriptor, () => {
        const { entry, appends } = files.get(descriptor);
        writeDescriptorStatus(memory(), address, {
          type: entry.isDirectory ? FileType.directory : FileType.regular,
          flags: appends ? DescriptorFlag.append : 0,
        });
      }),
    fd_fdstat_set_flags: (descriptor: number, flags: number) => {
      if ((flags & DescriptorFlag.synchronous) !== 0) {
        const call = `fd_fdstat_set_flags(${descriptor}, … O_SYNC)`;
        host.calls.missing(call, "ENOTSUP", "call fsync");
        return Errno.notSupported;
      }
      return attempt(host, "fd_fdstat_set_flags", descriptor, () => {
        files.get(descriptor).appends = (flags & DescriptorFlag.append) !== 0;
      });
    },
    fd_filestat_get: (descriptor: number, address: number) =>
      attempt(host, "fd_filestat_get", descriptor, () => {
        writeFileStatus(memory(), address, files.get(descriptor).entry);
      }),
    fd_filestat_set_size: (descriptor: number, length: bigint) =>
      attempt(host, "fd_filestat_set_size", descriptor, () => {
        files.truncate(descriptor, Number(length));
      }),
    fd_filestat_set_times: (
      descriptor: number,
      _accessed: bigint,
      modified: bigint,
      flags: number,
    ) =>
      attempt(host, "fd_filestat_set_times", descriptor, () => {
        setTime(host, files.get(descriptor).entry, modified, flags);
      }),
    fd_allocate: (descriptor: number, offset: bigint, length: bigint) =>
      attempt(host, "fd_allocate", descriptor, () => {
        const end = Number(offset + length);
        if (end > statusOf(files.get(descriptor).entry).length) files.truncate(descriptor, end);
      }),
    fd_advise: (descriptor: number) =>
      attempt(host, "fd_advise", descriptor, () => files.get(descriptor)),
    fd_seek: (descriptor: number, offset: bigint, whence: number, result: number) =>
      attempt(host, "fd_seek", descriptor, () => {
        const open = files.get(descriptor);
        const base = whence === Whence.set
          ? 0
          : whence === Whence.current
          ? open.position
          : statusOf(open.entry).length;
        open.position = checkedOffset(base + Number(offset));
        memory().setUint64(result, BigInt(open.position));
      }),
    fd_tell: (descriptor: number, result: number) =>
      attempt(host, "fd_tell", descriptor, () => {
        memory().setUint64(result, BigInt(files.get(descriptor).position));
      }),
    fd_close: (descriptor: number) =>
      attempt(host, "fd_close", descriptor, () => files.close(descriptor)),
    fd_pread: (
      descriptor: number,
      iovecs: number,
      count: number,
      offset: bigint,
      size: number,
    ) => transfer(host, "fd_pread", [descriptor, iovecs, count, size], offset),
    fd_pwrite: (
      descriptor: number,
      iovecs: number,
      count: number,
      offset: bigint,
      size: number,
    ) => transfer(host, "fd_pwrite", [descriptor, iovecs, count, size], offset),
    fd_readdir: (
      descriptor: number,
      address: number,
      length: number,
      cookie: bigint,
      used: number,
    ) =>
      attempt(host, "fd_readdir", descriptor, () => {
        const skipped = Number(cookie);
        const bytes = direntsOf(files.list(descriptor, skipped), skipped).subarray(0, length);
        memory().bytes(address, bytes.length).set(bytes);
        memory().setUint32(used, bytes.length);
      }),
  };
}
