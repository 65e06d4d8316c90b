/**
 * The part of Node.js's `fs` that Go's standard library calls.
 *
 * @module
 */

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
  read(request: ReadRequest): void;
  write(descriptor: number, bytes: Uint8Array): void;
  /** Calls back after the program has returned to the event loop. */
  soon(callBack: () => void): void;
  log(text: string): void;
}

/** An error with the name of an error of POSIX, which Go turns into its own. */
function errorOf(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
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
  const logged = new Set<string>();
  const missing = (name: string, args: readonly unknown[]): Error => {
    const error = errorOf("ENOSYS", `fs.${name} is not available in a simulated node`);
    if (!logged.has(name)) {
      logged.add(name);
      const [path] = args;
      const call = `fs.${name}(${typeof path === "string" ? JSON.stringify(path) : path})`;
      host.log(`the program called ${call}, which a simulated node does not have: ENOSYS`);
    }
    return error;
  };
  const calls: Readonly<Record<string, unknown>> = {
    constants,
    writeSync(descriptor: number, bytes: Uint8Array): number {
      host.write(descriptor, bytes);
      return bytes.length;
    },
    write(
      descriptor: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      _position: number | null,
      callBack: CallBack,
    ): void {
      if (descriptor === STDIN || descriptor > STDERR) {
        return host.soon(() => callBack(errorOf("EBADF", "bad file descriptor")));
      }
      host.write(descriptor, bytes.subarray(offset, offset + length));
      callBack(null, length);
    },
    read(
      descriptor: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      _position: number | null,
      callBack: CallBack,
    ): void {
      if (descriptor !== STDIN) {
        return host.soon(() => callBack(errorOf("EBADF", "bad file descriptor")));
      }
      host.read({ buffer: bytes.subarray(offset, offset + length), callBack });
    },
    fsync: (_descriptor: number, callBack: CallBack) => host.soon(() => callBack(null)),
  };
  return new Proxy(calls, {
    get(calls, name) {
      if (typeof name !== "string" || name in calls) return Reflect.get(calls, name);
      return (...args: unknown[]) => {
        const error = missing(name, args);
        const callBack = args.at(-1);
        if (typeof callBack !== "function") throw error;
        host.soon(() => (callBack as CallBack)(error));
      };
    },
  });
}
