/**
 * The calls of WASI on paths. A path is relative to an open directory.
 *
 * @module
 */

import { Errno, type WasiCall } from "./wasi_abi.ts";
import { DescriptorFlag, openOptionsOf, writeFileStatus } from "./wasi_file_layout.ts";
import { attempt, setTime, type WasiFileHost } from "./wasi_files.ts";

/** The calls on paths, which do not wait. */
export const PATH_CALLS = [
  "path_create_directory",
  "path_filestat_get",
  "path_filestat_set_times",
  "path_link",
  "path_open",
  "path_readlink",
  "path_remove_directory",
  "path_rename",
  "path_unlink_file",
] as const;

/** Returns the calls on paths of one incarnation of a node. */
export function pathCallsOf(host: WasiFileHost): Record<typeof PATH_CALLS[number], WasiCall> {
  const { files, memory } = host;
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
  /** Returns a call that takes two paths, and what it does. */
  const onTwoPaths = (name: string, operation: (path: string, other: string) => void) =>
  (
    descriptor: number,
    address: number,
    length: number,
    otherDescriptor: number,
    otherAddress: number,
    otherLength: number,
  ) =>
    attempt(host, name, shown(address, length), () =>
      operation(
        pathOf(descriptor, address, length),
        pathOf(otherDescriptor, otherAddress, otherLength),
      ));
  const linkPaths = onTwoPaths("path_link", (path, link) => files.link(path, link));
  return {
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
        const call = `path_open(${JSON.stringify(path)}, … O_SYNC)`;
        host.calls.missing(call, "ENOTSUP", "open it without O_SYNC, and call fsync");
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
    path_filestat_set_times: (
      descriptor: number,
      _lookupFlags: number,
      address: number,
      length: number,
      _accessed: bigint,
      modified: bigint,
      flags: number,
    ) =>
      attempt(host, "path_filestat_set_times", shown(address, length), () => {
        setTime(host, files.stat(pathOf(descriptor, address, length)), modified, flags);
      }),
    path_link: (
      descriptor: number,
      _lookupFlags: number,
      ...others: readonly [number, number, number, number, number]
    ) => linkPaths(descriptor, ...others),
    path_create_directory: onPath("path_create_directory", (path) => files.createDirectory(path)),
    path_remove_directory: onPath("path_remove_directory", (path) => files.removeDirectory(path)),
    path_unlink_file: onPath("path_unlink_file", (path) => files.removeFile(path)),
    path_rename: onTwoPaths("path_rename", (from, to) => files.rename(from, to)),
    // There are no symbolic links.
    path_readlink: () => Errno.invalid,
  };
}
