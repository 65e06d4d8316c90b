/**
 * The calls of WASI that return immediately: arguments, clocks, random numbers, and those on descriptors.
 *
 * @module
 */

import type { CallLog } from "./call_log.ts";
import { STDERR, STDIN } from "./standard_streams.ts";
import { Errno, FileType, NON_BLOCKING, timeOf } from "./wasi_abi.ts";
import type { WasiCall, WasiCalls } from "./wasi_abi.ts";
import { writeDescriptorStatus, writeFileStatus } from "./wasi_file_layout.ts";
import { FILE_CALLS, fileCallsOf, type WasiFileHost } from "./wasi_files.ts";
import { PATH_CALLS, pathCallsOf } from "./wasi_paths.ts";

const PROGRAM_NAME = "node";
const ENVIRONMENT: readonly string[] = ["TZ=UTC"];
const CLOCK_RESOLUTION_NS = 1000n;

const NO_SOCKETS = "use stdin and stdout, or --engine process";
/** The calls that a program may import and the simulation does not have, and what to do instead. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  proc_raise: "exit, or abort",
  sock_accept: NO_SOCKETS,
  sock_recv: NO_SOCKETS,
  sock_send: NO_SOCKETS,
  sock_shutdown: NO_SOCKETS,
  fd_fdstat_set_rights: "leave the rights as they are",
  fd_renumber: "use the descriptor that open returned",
  path_symlink: "use link or rename",
};

/** The calls that have nothing to do with descriptors. */
const PROCESS_CALLS = [
  "args_sizes_get",
  "args_get",
  "environ_sizes_get",
  "environ_get",
  "clock_res_get",
  "clock_time_get",
  "random_get",
  "sched_yield",
] as const;

/** What the calls need of the guest. */
export interface WasiHost extends WasiFileHost {
  /** The standard streams that the program has closed. */
  readonly closedStreams: Set<number>;
  /** The standard streams whose reads do not wait. */
  readonly nonBlocking: Set<number>;
}

/** Whether a function belongs to WASI and does not wait. */
export function isCall(name: string): boolean {
  return [...Object.keys(UNAVAILABLE), ...PROCESS_CALLS, ...FILE_CALLS, ...PATH_CALLS].includes(
    name,
  );
}

/** Returns the calls of one incarnation of a node that do not wait. */
export function callsOf(host: WasiHost): WasiCalls {
  const files: WasiCalls = fileCallsOf(host);
  const onDescriptors = Object.entries(streamCallsOf(host)).map(
    ([name, onStream]): [string, WasiCall] => {
      const onFile = files[name] as DescriptorCall;
      const call = (descriptor: number, ...rest: never[]) => {
        if (!isStream(descriptor)) return onFile(descriptor, ...rest);
        const isClosed = host.closedStreams.has(descriptor);
        return isClosed ? Errno.badDescriptor : onStream(descriptor, ...rest);
      };
      return [name, call];
    },
  );
  return {
    ...unavailableCalls(host.calls),
    ...processCallsOf(host),
    ...files,
    ...pathCallsOf(host),
    ...Object.fromEntries(onDescriptors),
  };
}

function isStream(descriptor: number): boolean {
  return descriptor >= STDIN && descriptor <= STDERR;
}

function processCallsOf(
  { node, memory }: WasiHost,
): Record<typeof PROCESS_CALLS[number], WasiCall> {
  const args = [PROGRAM_NAME, ...node.args];
  return {
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
      memory().setTime(time, timeOf(clock, node));
      return Errno.success;
    },
    random_get: (address: number, length: number) => {
      const bytes = memory().bytes(address, length);
      for (let index = 0; index < bytes.length; index++) bytes[index] = node.random() * 256;
      return Errno.success;
    },
    sched_yield: () => Errno.success,
  };
}

type DescriptorCall = (descriptor: number, ...rest: never[]) => unknown;

/** Returns the calls on descriptors, for the standard streams. */
function streamCallsOf(
  { memory, closedStreams, nonBlocking }: WasiHost,
): Readonly<Record<string, DescriptorCall>> {
  return {
    fd_fdstat_get: (descriptor: number, address: number) => {
      const flags = nonBlocking.has(descriptor) ? NON_BLOCKING : 0;
      // The streams are pipes, so the C library buffers stdout as in a process of the workbench.
      writeDescriptorStatus(memory(), address, { type: FileType.unknown, flags });
      return Errno.success;
    },
    fd_fdstat_set_flags: (descriptor: number, flags: number) => {
      if (flags === NON_BLOCKING) nonBlocking.add(descriptor);
      else if (flags === 0) nonBlocking.delete(descriptor);
      else return Errno.notSupported;
      return Errno.success;
    },
    fd_filestat_get: (_descriptor: number, address: number) => {
      writeFileStatus(memory(), address);
      return Errno.success;
    },
    fd_seek: () => Errno.notSeekable,
    fd_tell: () => Errno.notSeekable,
    fd_close: (descriptor: number) => {
      closedStreams.add(descriptor);
      return Errno.success;
    },
  };
}

/** Returns calls that fail, and name themselves in the node's log the first time. */
function unavailableCalls(calls: CallLog): WasiCalls {
  return Object.fromEntries(
    Object.entries(UNAVAILABLE).map(([name, instead]) => [name, () => {
      calls.missing(name, "ENOTSUP", instead);
      return Errno.notSupported;
    }]),
  );
}
