/**
 * The part of Node.js's `fs` that Go's standard library calls: the standard streams, and the node's
 * folder.
 *
 * @module
 */

import { type OpenFiles, type OpenOptions, statusOf } from "../files/open_files.ts";
import { CallLog } from "./call_log.ts";
import { STDERR, STDIN } from "./standard_streams.ts";

/** Receives the result of a call. */
type CallBack = (error: Error | null, result?: unknown) => void;

/** A read of stdin that waits for input. */
export interface ReadRequest {
  readonly buffer: Uint8Array;
  readonly callBack: CallBack;
}

/** What the calls need of the guest. */
export interface FileHost {
  readonly files: OpenFiles;
  readonly calls: CallLog;
  /** Reads stdin. */
  read(request: ReadRequest): void;
  /** Writes to stdout or stderr. */
  write(descriptor: number, bytes: Uint8Array): void;
  /** Calls back after the program has returned to the event loop. */
  soon(callBack: () => void): void;
  /** Calls back when an open file is durable. */
  sync(descriptor: number, callBack: () => void): void;
}

/** Go reads the numbers of these flags. */
const constants = {
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_DIRECTORY: 0o200000,
};

/** Returns the `fs` of one incarnation. A call that the simulation lacks fails with ENOSYS. */
export function fileSystemOf(host: FileHost): object {
  // The prototype has the missing calls, so that the others are found without the proxy.
  const missing = new Proxy({}, {
    get(_target, name) {
      if (typeof name !== "string") return undefined;
      return (...args: unknown[]) => {
        const call = nameOf(name, args);
        host.calls.missing(call, "ENOSYS");
        const error = errorOf("ENOSYS", `${call} is not available in a simulated node`);
        const callBack = args.at(-1);
        if (typeof callBack !== "function") throw error;
        host.soon(() => (callBack as CallBack)(error));
      };
    },
  });
  return Object.assign(Object.create(missing), { constants, ...callsOf(host) });
}

function callsOf(host: FileHost) {
  const { files } = host;
  /** Calls back with the result of an operation, or with its error. */
  const answer = (name: string, path: unknown, callBack: CallBack, operation: () => unknown) => {
    const [error, result] = host.calls.attempt<[Error | null, unknown?]>(
      () => nameOf(name, [path]),
      () => [null, operation()],
      (code) => [errorOf(code, `${nameOf(name, [path])}: ${code}`)],
    );
    host.soon(() => callBack(error, result));
  };
  /** Returns a call that takes a path or a descriptor, and nothing else. */
  const unary = <T>(name: string, operation: (argument: T) => unknown) =>
    [
      name,
      (argument: T, callBack: CallBack) =>
        answer(name, argument, callBack, () => operation(argument)),
    ] as const;
  /** Returns a call that takes a path or a descriptor, and one more argument. */
  const binary = <T, U>(name: string, operation: (argument: T, other: U) => unknown) =>
    [
      name,
      (argument: T, other: U, callBack: CallBack) =>
        answer(name, argument, callBack, () => operation(argument, other)),
    ] as const;
  const statOf = (entry: ReturnType<OpenFiles["stat"]>) => {
    const { number, length, modifiedMs, isDirectory } = statusOf(entry);
    return {
      ...{ dev: 1, ino: number, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 4096 },
      mode: isDirectory ? 0o40755 : 0o100644,
      size: length,
      blocks: Math.ceil(length / 512),
      ...{ atimeMs: modifiedMs, mtimeMs: modifiedMs, ctimeMs: modifiedMs },
      isDirectory: () => isDirectory,
    };
  };
  return {
    writeSync(descriptor: number, bytes: Uint8Array): number {
      host.write(descriptor, bytes);
      return bytes.length;
    },
    write(
      descriptor: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
      callBack: CallBack,
    ): void {
      const written = bytes.subarray(offset, offset + length);
      if (descriptor > STDIN && descriptor <= STDERR) {
        host.write(descriptor, written);
        return callBack(null, length);
      }
      answer("write", descriptor, callBack, () => {
        files.write(descriptor, written, position ?? undefined);
        return length;
      });
    },
    read(
      descriptor: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
      callBack: CallBack,
    ): void {
      const buffer = bytes.subarray(offset, offset + length);
      if (descriptor === STDIN) return host.read({ buffer, callBack });
      const read = () => files.read(descriptor, buffer, position ?? undefined);
      answer("read", descriptor, callBack, read);
    },
    fsync(descriptor: number, callBack: CallBack): void {
      // The standard streams are pipes.
      if (descriptor <= STDERR) return host.soon(() => callBack(null));
      host.calls.attempt(
        () => nameOf("fsync", [descriptor]),
        () => host.sync(descriptor, () => callBack(null)),
        (code) => host.soon(() => callBack(errorOf(code, code))),
      );
    },
    open(path: string, flags: number, _mode: number, callBack: CallBack): void {
      answer("open", path, callBack, () => files.open(path, optionsOf(flags)));
    },
    ...Object.fromEntries([
      unary("close", (descriptor: number) => files.close(descriptor)),
      unary("stat", (path: string) => statOf(files.stat(path))),
      unary("lstat", (path: string) => statOf(files.stat(path))),
      unary("fstat", (descriptor: number) => statOf(files.get(descriptor).entry)),
      unary("readdir", (path: string) => files.entriesOf(files.stat(path)).map(([name]) => name)),
      unary("rmdir", (path: string) => files.removeDirectory(path)),
      unary("unlink", (path: string) => files.removeFile(path)),
      binary("mkdir", (path: string, _mode: number) => files.createDirectory(path)),
      binary("rename", (from: string, to: string) => files.rename(from, to)),
      binary("link", (from: string, to: string) => files.link(from, to)),
      binary("truncate", (path: string, length: number) => files.truncatePath(path, length)),
      binary(
        "ftruncate",
        (descriptor: number, length: number) => files.truncate(descriptor, length),
      ),
      // All files have the same mode.
      binary("chmod", (path: string, _mode: number) => void files.stat(path)),
      binary("fchmod", (descriptor: number, _mode: number) => void files.get(descriptor)),
    ]),
  };
}

function optionsOf(flags: number): OpenOptions {
  const has = (flag: number) => (flags & flag) !== 0;
  return {
    isReadable: !has(constants.O_WRONLY),
    isWritable: has(constants.O_WRONLY | constants.O_RDWR),
    appends: has(constants.O_APPEND),
    creates: has(constants.O_CREAT),
    isExclusive: has(constants.O_EXCL),
    truncates: has(constants.O_TRUNC),
    isDirectory: has(constants.O_DIRECTORY),
  };
}

/** Returns a call with its first argument, a path or a descriptor. */
function nameOf(name: string, [argument]: readonly unknown[]): string {
  return `fs.${name}(${typeof argument === "string" ? JSON.stringify(argument) : argument})`;
}

/** Returns an error with the name of an error of POSIX, which Go turns into its own. */
function errorOf(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}
