/**
 * The calls of WASI on files. Descriptor 3 is the working directory, which is also the root; its only
 * entry is the node's folder.
 *
 * @module
 */

import { checkedOffset, type OpenFiles, type OpenOptions, statusOf } from "../files/open_files.ts";
import type { FileErrorCode } from "../files/file_error.ts";
import type { CallLog } from "./call_log.ts";
import { Errno, FileType, type GuestMemory, type WasiCall } from "./wasi_abi.ts";
import {
  DescriptorFlag,
  direntsOf,
  openOptionsOf,
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

const Whence = { set: 0, current: 1, end: 2 } as const;

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
  readonly files: OpenFiles;
  readonly calls: CallLog;
  memory(): GuestMemory;
}

/** The calls on files that do not wait. */
export const FILE_CALLS = [
  "fd_advise",
  "fd_allocate",
  "fd_close",
  "fd_fdstat_get",
  "fd_fdstat_set_flags",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_pread",
  "fd_prestat_dir_name",
  "fd_prestat_get",
  "fd_pwrite",
  "fd_readdir",
  "fd_seek",
  "fd_tell",
  "path_create_directory",
  "path_filestat_get",
  "path_open",
  "path_readlink",
  "path_remove_directory",
  "path_rename",
  "path_unlink_file",
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

/** Returns the calls on files of one incarnation of a node, except those that wait. */
export function fileCallsOf(
  host: WasiFileHost,
): Record<typeof FILE_CALLS[number], WasiCall> {
  const { files, memory } = host;
  const root = files.open(ROOT, DIRECTORY_OPTIONS);
  /** Returns a path from the root. A path is relative to an open directory. */
  const pathOf = (descriptor: number, address: number, length: number) =>
    `${files.get(descriptor).path}/${memory().text(address, length)}`;
  const shown = (address: number, length: number) => memory().text(address, length);
  /** Returns a call that takes a path, and what it does. */
  const onPath = (name: string, operation: (path: string) => void) =>
  (
    descriptor: number,
    address: number,
    length: number,
  ) =>
    attempt(
      host,
      name,
      shown(address, length),
      () => operation(pathOf(descriptor, address, length)),
    );
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
      if ((flags & DescriptorFlag.synchronous) !== 0) return Errno.notSupported;
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
        const entries = files.entriesOf(files.get(descriptor).entry);
        const bytes = direntsOf(entries, Number(cookie)).subarray(0, length);
        memory().bytes(address, bytes.length).set(bytes);
        memory().setUint32(used, bytes.length);
      }),
    path_open: (
      descriptor: number,
      _lookupFlags: number,
      address: number,
      length: number,
      openFlags: number,
      rights: bigint,
      _inheritedRights: bigint,
      flags: number,
      opened: number,
    ) => {
      const path = shown(address, length);
      if ((flags & DescriptorFlag.synchronous) !== 0) {
        host.calls.missing(`path_open(${JSON.stringify(path)}, … O_SYNC)`, "ENOTSUP");
        return Errno.notSupported;
      }
      return attempt(host, "path_open", path, () => {
        const options = openOptionsOf(openFlags, rights, flags);
        const found = files.open(pathOf(descriptor, address, length), options);
        memory().setUint32(opened, found);
      });
    },
    path_filestat_get: (
      descriptor: number,
      _lookupFlags: number,
      address: number,
      length: number,
      status: number,
    ) =>
      attempt(host, "path_filestat_get", shown(address, length), () => {
        writeFileStatus(memory(), status, files.stat(pathOf(descriptor, address, length)));
      }),
    path_create_directory: onPath("path_create_directory", (path) => files.createDirectory(path)),
    path_remove_directory: onPath("path_remove_directory", (path) => files.removeDirectory(path)),
    path_unlink_file: onPath("path_unlink_file", (path) => files.removeFile(path)),
    path_rename: (
      descriptor: number,
      address: number,
      length: number,
      newDescriptor: number,
      newAddress: number,
      newLength: number,
    ) =>
      attempt(host, "path_rename", shown(address, length), () => {
        files.rename(
          pathOf(descriptor, address, length),
          pathOf(newDescriptor, newAddress, newLength),
        );
      }),
    // There are no symbolic links.
    path_readlink: () => Errno.invalid,
  };
}
