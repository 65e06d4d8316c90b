/**
 * Go programs as guests: modules that were built with `GOOS=js GOARCH=wasm`.
 *
 * Such a program runs until all its goroutines wait, and continues when the glue passes it an event:
 * a timer has fired, or input has arrived. All its goroutines run in this one thread. Its scheduler
 * and the order of its maps follow from random numbers, which are the node's.
 *
 * @module
 */

import type { RawMessage } from "../../../wire/mod.ts";
import type { Boot, Guest, GuestNode } from "../guest.ts";
import { CallLog } from "./call_log.ts";
import { fileSystemOf, type ReadRequest } from "./go_files.ts";
import type { CreateGo, Go, GoGlobals } from "./go_glue.ts";
import { MemoryLease, type MemoryPool } from "./memory_pool.ts";
import { StandardStreams } from "./standard_streams.ts";
import { endBlocked, endByTrap, MAX_WAIT_MS, StepCounter } from "./trap.ts";

/** The program's name, its first argument. */
const PROGRAM_NAME = "node";
/** The time zone of all nodes. */
const ENVIRONMENT = { TZ: "UTC" };

const READS_NOTHING = "has not read its input for 5 s: no goroutine reads stdin";
const WRITES_NOTHING = "has written nothing to stdout for 5 s since a request arrived";

/** A compiled Go program. */
export interface GoProgram {
  readonly module: WebAssembly.Module;
  /** The memories that the module imports; undefined if it has its own. */
  readonly pool: MemoryPool | undefined;
  readonly createGo: CreateGo;
}

/** Returns how to start a Go program. */
export function bootGo(program: GoProgram): Boot {
  return (node) => new GoGuest(node, program);
}

class GoGuest implements Guest {
  readonly #node: GuestNode;
  readonly #streams: StandardStreams;
  readonly #calls: CallLog;
  readonly #go: Go;
  readonly #steps: StepCounter;
  /** The goroutine that reads stdin, while no input is there. */
  #reader: ReadRequest | undefined;
  /** Calls that have not returned to the program yet, without that of {@link #reader}. */
  #pendingCalls = 0;
  readonly #timers = new Set<() => void>();
  /** The number of the timers that fire after the end of every test. */
  #endlessTimers = 0;
  #isOver = false;
  readonly #lease: MemoryLease;

  constructor(node: GuestNode, { module, pool, createGo }: GoProgram) {
    this.#node = node;
    this.#streams = new StandardStreams(node);
    this.#calls = new CallLog(node);
    this.#go = createGo(this.#globals());
    this.#go.argv = [PROGRAM_NAME, ...node.args];
    this.#go.env = { ...ENVIRONMENT };
    this.#go.exit = (code) => this.#exit(code);
    this.#lease = new MemoryLease(pool);
    const imports = { ...this.#go.importObject, ...this.#lease.imports };
    const instance = new WebAssembly.Instance(module, imports);
    this.#steps = new StepCounter(instance.exports);
    this.#go.run(instance).catch((error) => this.#trap(error));
    this.#soon(() => {});
  }

  receive(message: RawMessage): void {
    this.#streams.add(message);
    const reader = this.#reader;
    if (reader === undefined) {
      if (this.#streams.isUnread) this.#calls.stuck(READS_NOTHING);
      return;
    }
    if (this.#streams.isSilent) this.#calls.stuck(WRITES_NOTHING);
    this.#reader = undefined;
    this.#enter(() => this.#answer(reader));
  }

  release(): void {
    this.#isOver = true;
    this.#timers.clear();
    this.#reader = undefined;
    this.#lease.end();
  }

  /** Lets the program run until all its goroutines wait again. */
  #enter(code: () => void): void {
    if (this.#isOver) return;
    this.#steps.restart();
    try {
      code();
    } catch (error) {
      return this.#trap(error);
    }
    this.#findDeadlock();
  }

  /**
   * Go itself detects that all goroutines are asleep, but only where no event can wake them. The
   * host knows that, and tells Go by an event with the number 0.
   */
  #findDeadlock(): void {
    const canWake = this.#reader !== undefined || this.#pendingCalls > 0 ||
      this.#timers.size > this.#endlessTimers;
    if (canWake || this.#isOver) return;
    if (this.#endlessTimers > 0) {
      const problem =
        "no goroutine runs or reads stdin, and the next timer fires in 10 days or later";
      return endBlocked(this.#node, problem);
    }
    try {
      this.#go._pendingEvent = { id: 0 };
      this.#go._resume();
    } catch (error) {
      this.#trap(error);
    }
  }

  /** Calls back in a microtask, as part of the same event. */
  #soon(callBack: () => void): void {
    this.#pendingCalls++;
    Promise.resolve().then(() => {
      this.#pendingCalls--;
      this.#enter(callBack);
    });
  }

  #trap(error: unknown): void {
    if (this.#isOver) return;
    this.#streams.flush();
    endByTrap(this.#node, error, this.#steps);
    this.release();
  }

  #exit(code: number): void {
    this.#streams.flush();
    this.release();
    this.#node.exitWith(code);
  }

  #read(request: ReadRequest): void {
    if (this.#streams.hasInput) this.#soon(() => this.#answer(request));
    else this.#reader = request;
  }

  #answer({ buffer, callBack }: ReadRequest): void {
    callBack(null, this.#streams.read(buffer));
  }

  #startTimer(fn: () => void, delayMs: number): () => void {
    const isEndless = delayMs > MAX_WAIT_MS;
    const stop = this.#node.startTimer(delayMs, () => {
      cancel();
      this.#enter(fn);
    });
    const cancel = () => {
      if (this.#timers.delete(cancel) && isEndless) this.#endlessTimers--;
      stop();
    };
    this.#timers.add(cancel);
    if (isEndless) this.#endlessTimers++;
    return cancel;
  }

  #globals(): GoGlobals {
    const node = this.#node;
    const files = node.openFolder();
    class NodeDate {
      static now(): number {
        return Math.floor(node.now());
      }
      getTime(): number {
        return NodeDate.now();
      }
      getTimezoneOffset(): number {
        return 0;
      }
    }
    return {
      fs: fileSystemOf({
        files,
        calls: this.#calls,
        read: (request) => this.#read(request),
        write: (descriptor, bytes) => {
          if (!this.#isOver) this.#streams.write(descriptor, bytes);
        },
        soon: (callBack) => this.#soon(callBack),
        sync: (descriptor, callBack) => {
          files.sync(descriptor, () => {
            this.#pendingCalls--;
            this.#enter(callBack);
          });
          this.#pendingCalls++;
        },
      }),
      process: { pid: 1, ppid: 0, ...processCalls() },
      path: { resolve: (...parts: string[]) => parts.join("/") },
      crypto: {
        getRandomValues(bytes: Uint8Array): Uint8Array {
          for (let index = 0; index < bytes.length; index++) bytes[index] = node.random() * 256;
          return bytes;
        },
      },
      performance: { now: () => node.monotonic() },
      Date: NodeDate,
      setTimeout: (fn: () => void, delayMs: number) => this.#startTimer(fn, delayMs),
      clearTimeout: (cancel?: () => void) => cancel?.(),
      console: { log: (text: unknown) => node.log(`${text}`), warn() {}, error() {} },
    };
  }
}

/** The calls of Node.js's `process`: the root of a file system, and no users. */
function processCalls() {
  const none = () => -1;
  return {
    getuid: none,
    geteuid: none,
    getgid: none,
    getegid: none,
    getgroups: () => [],
    umask: () => 0o022,
    cwd: () => "/",
    chdir() {},
  };
}
