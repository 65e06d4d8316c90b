/**
 * The calls of WASI preview 1 that do not wait: arguments, clocks, randomness, and what programs ask
 * about their standard streams.
 *
 * @module
 */

import type { GuestNode } from "../guest.ts";
import { STDERR, STDIN } from "./standard_streams.ts";
import { Errno, FileType, type GuestMemory, REALTIME_CLOCK, toNanoseconds } from "./wasi_abi.ts";

/** A function that a program imports. Numbers of 64 bits are big integers. */
export type WasiCall = (...args: never[]) => unknown;
/** The functions by their names. */
export type WasiCalls = Readonly<Record<string, WasiCall>>;

const PROGRAM_NAME = "node";
const ENVIRONMENT: readonly string[] = ["TZ=UTC"];
const FDSTAT_BYTES = 24;
const FILESTAT_BYTES = 64;
const CLOCK_RESOLUTION_NS = 1000n;

/** All calls that a program may import and the simulation does not have. */
const UNAVAILABLE: readonly string[] = [
  "proc_raise",
  "sock_accept",
  "sock_recv",
  "sock_send",
  "sock_shutdown",
  "fd_advise",
  "fd_allocate",
  "fd_datasync",
  "fd_fdstat_set_rights",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "fd_pread",
  "fd_prestat_dir_name",
  "fd_pwrite",
  "fd_readdir",
  "fd_renumber",
  "fd_sync",
  "path_create_directory",
  "path_filestat_get",
  "path_filestat_set_times",
  "path_link",
  "path_open",
  "path_readlink",
  "path_remove_directory",
  "path_rename",
  "path_symlink",
  "path_unlink_file",
];

/** The calls that the simulation has. */
const AVAILABLE = [
  "args_sizes_get",
  "args_get",
  "environ_sizes_get",
  "environ_get",
  "clock_res_get",
  "clock_time_get",
  "random_get",
  "sched_yield",
  "fd_fdstat_get",
  "fd_fdstat_set_flags",
  "fd_filestat_get",
  "fd_seek",
  "fd_tell",
  "fd_close",
  "fd_prestat_get",
] as const;

/** Whether a function belongs to WASI and does not wait. */
export function isCall(name: string): boolean {
  return UNAVAILABLE.includes(name) || AVAILABLE.some((available) => available === name);
}

function isStream(descriptor: number): boolean {
  return descriptor >= STDIN && descriptor <= STDERR;
}

/** Returns the calls of one incarnation of a node that do not wait. */
export function callsOf(node: GuestNode, memory: () => GuestMemory): WasiCalls {
  const args = [PROGRAM_NAME, ...node.args];
  const timeOf = (clock: number) => clock === REALTIME_CLOCK ? node.now() : node.monotonic();
  const available: Record<typeof AVAILABLE[number], WasiCall> = {
    args_sizes_get: (count: number, size: number) => {
      memory().setTextSizes(args, count, size);
      return Errno.success;
    },
    args_get: (addresses: number, buffer: number) => {
      memory().setTexts(args, addresses, buffer);
      return Errno.success;
    },
    environ_sizes_get: (count: number, size: number) => {
      memory().setTextSizes(ENVIRONMENT, count, size);
      return Errno.success;
    },
    environ_get: (addresses: number, buffer: number) => {
      memory().setTexts(ENVIRONMENT, addresses, buffer);
      return Errno.success;
    },
    clock_res_get: (_clock: number, resolution: number) => {
      memory().setUint64(resolution, CLOCK_RESOLUTION_NS);
      return Errno.success;
    },
    clock_time_get: (clock: number, _precision: bigint, time: number) => {
      memory().setUint64(time, toNanoseconds(timeOf(clock)));
      return Errno.success;
    },
    random_get: (address: number, length: number) => {
      const bytes = memory().bytes(address, length);
      for (let index = 0; index < bytes.length; index++) bytes[index] = node.random() * 256;
      return Errno.success;
    },
    sched_yield: () => Errno.success,
    fd_fdstat_get: (descriptor: number, address: number) => {
      if (!isStream(descriptor)) return Errno.badDescriptor;
      const bytes = memory().bytes(address, FDSTAT_BYTES).fill(0);
      // The streams are pipes, so the C library buffers stdout as in a process of the workbench.
      bytes[0] = FileType.unknown;
      bytes.fill(0xff, 8);
      return Errno.success;
    },
    fd_fdstat_set_flags: (descriptor: number, flags: number) => {
      if (!isStream(descriptor)) return Errno.badDescriptor;
      return flags === 0 ? Errno.success : Errno.notSupported;
    },
    fd_filestat_get: (descriptor: number, address: number) => {
      if (!isStream(descriptor)) return Errno.badDescriptor;
      memory().bytes(address, FILESTAT_BYTES).fill(0);
      return Errno.success;
    },
    fd_seek: (descriptor: number) => isStream(descriptor) ? Errno.notSeekable : Errno.badDescriptor,
    fd_tell: (descriptor: number) => isStream(descriptor) ? Errno.notSeekable : Errno.badDescriptor,
    fd_close: (descriptor: number) => isStream(descriptor) ? Errno.success : Errno.badDescriptor,
    fd_prestat_get: () => Errno.badDescriptor,
  };
  return { ...unavailableCalls(node), ...available };
}

/** Returns calls that fail, and name themselves in the node's log the first time. */
function unavailableCalls(node: GuestNode): WasiCalls {
  const logged = new Set<string>();
  return Object.fromEntries(UNAVAILABLE.map((name) => [name, () => {
    if (!logged.has(name)) {
      logged.add(name);
      node.log(`the program called ${name}, which a simulated node does not have: ENOTSUP`);
    }
    return Errno.notSupported;
  }]));
}
