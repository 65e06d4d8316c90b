/**
 * Programs for WASI preview 1 as guests: what compilers of C, C++, Rust, Zig, Go, TinyGo and
 * AssemblyScript make.
 *
 * Such a program reads its input with a call that returns when there is some. The call suspends the
 * program's stack (JavaScript Promise Integration), and the next message resumes it. So the program
 * runs in this thread, and takes no virtual time.
 *
 * @module
 */

import type { RawMessage } from "../../../wire/mod.ts";
import type { Boot, Guest, GuestNode } from "../guest.ts";
import { CallLog } from "./call_log.ts";
import { MemoryLease, type MemoryPool } from "./memory_pool.ts";
import { StandardStreams, STDERR, STDIN } from "./standard_streams.ts";
import { CallStack, endBlocked, endByTrap, MAX_WAIT_MS, StepCounter } from "./trap.ts";
import { Errno, GuestMemory, WASI_MODULE, type WasiCall, type WasiCalls } from "./wasi_abi.ts";
import { callsOf, isCall, type WasiHost } from "./wasi_calls.ts";
import { attempt, transfer } from "./wasi_files.ts";
import { pollOneoff, type WaitLimits } from "./wasi_poll.ts";

/** The part of `WebAssembly` that suspends stacks. */
interface StackSwitching {
  /** Wraps an imported function: where it returns a promise, the program waits for it. */
  readonly Suspending?: new (fn: WasiCall) => WebAssembly.ImportValue;
  /** Wraps an exported function, whose result is a promise. */
  readonly promising?: (fn: WebAssembly.ExportValue) => () => Promise<unknown>;
}

const { Suspending, promising } = WebAssembly as StackSwitching;

/** Whether this runtime can suspend programs. */
export const canSuspend: boolean = Suspending !== undefined && promising !== undefined;

/** Thrown into the program's code to unwind its stack after the node has ended. */
class NodeEnded extends Error {
  override readonly name = "NodeEnded";
}

const SLEEPS = "has not read its input for 5 s: it waits in poll_oneoff, and not for stdin";
const WAITS_FOR_INPUT =
  "has written nothing to stdout for 5 s since a request arrived: it waits for input";

/** Calls that may wait. */
const WAITING: readonly string[] = ["fd_read", "poll_oneoff", "fd_sync", "fd_datasync"];
/** The calls whose effect depends on whether the node has ended. */
const GUEST_CALLS: readonly string[] = [...WAITING, "fd_write", "proc_exit"];

/** Whether programs for WASI may import a function of this name. */
export function isWasiCall(name: string): boolean {
  return GUEST_CALLS.includes(name) || isCall(name);
}

/** A compiled program for WASI. */
export interface WasiProgram {
  readonly module: WebAssembly.Module;
  /** The memories that the module imports; undefined if it has its own. */
  readonly pool: MemoryPool | undefined;
}

/** Returns how to start a program for WASI. */
export function bootWasi(program: WasiProgram): Boot {
  return (node) => new WasiGuest(node, program);
}

/**
 * Whether a program was built by Go. It then reads stdin without waiting if it can, so that a wait for
 * input does not stop its other goroutines and its timers.
 */
function isGo(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.customSections(module, "go:buildid").length > 0;
}

/** How the present wait of a program ends. */
interface Wake {
  readonly onInput: () => void;
  readonly reject: (error: Error) => void;
  /** The functions that wait, unless they wait for input. */
  readonly stack?: CallStack | undefined;
}

class WasiGuest implements Guest {
  readonly #node: GuestNode;
  readonly #streams: StandardStreams;
  readonly #memory: GuestMemory;
  readonly #host: WasiHost;
  readonly #steps: StepCounter;
  /** Ends the present wait of the program; undefined while it runs. */
  #wake: Wake | undefined;
  #isOver = false;
  readonly #lease: MemoryLease;

  constructor(node: GuestNode, { module, pool }: WasiProgram) {
    this.#node = node;
    this.#streams = new StandardStreams(node);
    this.#host = {
      node,
      files: node.openFolder(),
      calls: new CallLog(node),
      closedStreams: new Set(),
      nonBlocking: new Set(isGo(module) ? [STDIN] : []),
      memory: () => this.#memory,
    };
    this.#lease = new MemoryLease(pool);
    const imports = { [WASI_MODULE]: this.#imports(module), ...this.#lease.imports };
    const { exports } = new WebAssembly.Instance(module, imports);
    this.#memory = new GuestMemory(exports.memory as WebAssembly.Memory);
    this.#steps = new StepCounter(exports);
    const start = promising?.(exports._start as WebAssembly.ExportValue);
    start?.().then(() => this.#exit(0), (error) => this.#trap(error));
  }

  receive(message: RawMessage): void {
    this.#streams.add(message);
    this.#wake?.onInput();
    const stack = this.#wake?.stack;
    if (stack === undefined || !this.#streams.isUnread) return;
    this.#host.calls.stuck(SLEEPS, stack.frames);
  }

  release(): void {
    this.#isOver = true;
    this.#wake?.reject(new NodeEnded());
    this.#lease.end();
  }

  #exit(code: number): void {
    if (this.#isOver) return;
    this.#streams.flush();
    this.#isOver = true;
    this.#node.exitWith(code);
  }

  #trap(error: unknown): void {
    if (this.#isOver) return;
    this.#streams.flush();
    this.#isOver = true;
    endByTrap(this.#node, error, this.#steps);
  }

  #imports(module: WebAssembly.Module): Record<string, WebAssembly.ImportValue> {
    const calls: WasiCalls = {
      ...callsOf(this.#host),
      fd_read: (descriptor: number, iovecs: number, count: number, size: number) =>
        this.#read(descriptor, iovecs, count, size),
      fd_write: (descriptor: number, iovecs: number, count: number, size: number) =>
        this.#write(descriptor, iovecs, count, size),
      poll_oneoff: (...args: number[]) => this.#poll(args),
      fd_sync: (descriptor: number) => this.#sync("fd_sync", descriptor),
      fd_datasync: (descriptor: number) => this.#sync("fd_datasync", descriptor),
      proc_exit: (code: number) => {
        this.#exit(code);
        throw new NodeEnded();
      },
    };
    const wasi = WebAssembly.Module.imports(module).filter(({ module }) => module === WASI_MODULE);
    const imported = wasi.map(({ name }): [
      string,
      WebAssembly.ImportValue,
    ] => {
      const call = calls[name] as WasiCall;
      return [
        name,
        Suspending !== undefined && WAITING.includes(name) ? new Suspending(call) : call,
      ];
    });
    return Object.fromEntries(imported);
  }

  #read(
    descriptor: number,
    iovecs: number,
    count: number,
    size: number,
  ): number | Promise<number> {
    if (this.#isOver) throw new NodeEnded();
    if (this.#host.closedStreams.has(descriptor)) return Errno.badDescriptor;
    if (descriptor !== STDIN) {
      return transfer(this.#host, "fd_read", [descriptor, iovecs, count, size]);
    }
    const read = () => {
      if (!this.#streams.hasInput) return undefined;
      let length = 0;
      for (const buffer of this.#memory.buffers(iovecs, count)) {
        length += this.#streams.read(buffer);
        if (!this.#streams.hasInput) break;
      }
      this.#memory.setUint32(size, length);
      return Errno.success;
    };
    if (!this.#streams.hasInput && this.#host.nonBlocking.has(STDIN)) return Errno.again;
    return read() ?? this.#wait(read, { delayMs: () => Infinity, isForInput: true });
  }

  #write(descriptor: number, iovecs: number, count: number, size: number): number {
    if (this.#isOver) throw new NodeEnded();
    if (this.#host.closedStreams.has(descriptor)) return Errno.badDescriptor;
    if (descriptor === STDIN || descriptor > STDERR) {
      return transfer(this.#host, "fd_write", [descriptor, iovecs, count, size]);
    }
    let length = 0;
    for (const buffer of this.#memory.buffers(iovecs, count)) {
      this.#streams.write(descriptor, buffer);
      length += buffer.length;
    }
    this.#memory.setUint32(size, length);
    return Errno.success;
  }

  #poll(args: readonly number[]): number | Promise<number> {
    if (this.#isOver) throw new NodeEnded();
    return pollOneoff({
      node: this.#node,
      memory: this.#memory,
      hasInput: () => this.#streams.hasInput,
      isOpen: (descriptor) => this.#isOpen(descriptor),
      wait: (ready, until) => this.#wait(ready, until),
    }, args);
  }

  #isOpen(descriptor: number): boolean {
    const { closedStreams, files } = this.#host;
    return descriptor <= STDERR ? !closedStreams.has(descriptor) : files.isOpen(descriptor);
  }

  /** Waits until an open file is durable. The standard streams are pipes, which are not. */
  #sync(name: string, descriptor: number): number | Promise<number> {
    if (this.#isOver) throw new NodeEnded();
    if (descriptor <= STDERR) return Errno.invalid;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const result = attempt(this.#host, name, descriptor, () => {
      this.#host.files.sync(descriptor, () => {
        this.#wake = undefined;
        this.#steps.restart();
        resolve(Errno.success);
      });
    });
    if (result !== Errno.success) return result;
    // Input does not end this wait.
    this.#wake = { onInput() {}, reject };
    return promise;
  }

  /**
   * Waits until `ready` returns a result, see {@link pollOneoff}. The program then continues as part
   * of the event that made it ready.
   */
  #wait(ready: () => number | undefined, { delayMs, isForInput }: WaitLimits): Promise<number> {
    // A message has woken a program that is silent, and it waits again.
    if (isForInput && this.#streams.isSilent) {
      this.#host.calls.stuck(WAITS_FOR_INPUT, new CallStack().frames);
    }
    const stack = isForInput ? undefined : new CallStack();
    if (stack !== undefined && delayMs() > MAX_WAIT_MS) {
      const problem = "it waits in poll_oneoff for more than 10 days, and not for stdin";
      endBlocked(this.#node, problem, stack.frames);
      throw new NodeEnded();
    }
    return new Promise((resolve, reject) => {
      let stop = () => {};
      const wake = () => {
        const result = ready();
        if (result === undefined) return false;
        stop();
        this.#wake = undefined;
        this.#steps.restart();
        resolve(result);
        return true;
      };
      const startTimer = () => {
        const limitMs = delayMs();
        if (limitMs === Infinity) return;
        stop = this.#node.startTimer(Math.min(limitMs, MAX_WAIT_MS), () => {
          if (!this.#isOver && !wake()) startTimer();
        });
      };
      startTimer();
      this.#wake = { onInput: wake, reject, stack };
    });
  }
}
