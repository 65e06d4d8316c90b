import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { CallLog } from "../../../../lib/workbench/sim/wasm/call_log.ts";
import { Errno, GuestMemory } from "../../../../lib/workbench/sim/wasm/wasi_abi.ts";
import { callsOf } from "../../../../lib/workbench/sim/wasm/wasi_calls.ts";
import { transfer } from "../../../../lib/workbench/sim/wasm/wasi_files.ts";
import { TestNode } from "./guest_node.ts";

const { success, badDescriptor, invalid, notSupported } = Errno;
const [CREATE, DIRECTORY, EXCLUSIVE, TRUNCATE] = [1, 2, 4, 8];
const [READ, WRITE] = [1n << 1n, 1n << 6n];
const [APPEND, SYNC] = [1, 16];
const ROOT = 3;
const [NAME, OTHER_NAME, IOVECS, BUFFER, RESULT] = [1000, 1200, 1400, 2000, 8000];

type Call = (...args: (number | bigint)[]) => number;

/** A program that makes calls of WASI, with the conveniences of a C library. */
class Program {
  readonly test = new TestNode(["--fast"]);
  readonly closedStreams = new Set<number>();
  readonly nonBlocking = new Set<number>();
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  readonly guest = new GuestMemory(this.memory);
  readonly host = {
    node: this.test.node,
    files: this.test.files,
    calls: new CallLog(this.test.node),
    closedStreams: this.closedStreams,
    nonBlocking: this.nonBlocking,
    memory: () => this.guest,
  };
  readonly calls = callsOf(this.host) as unknown as Readonly<Record<string, Call>>;

  get view(): DataView {
    return new DataView(this.memory.buffer);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    return (this.calls[name] as Call)(...args);
  }

  /** Writes a text; returns its address and length. */
  text(text: string, address = NAME): [number, number] {
    const bytes = new TextEncoder().encode(text);
    this.guest.bytes(address, bytes.length).set(bytes);
    return [address, bytes.length];
  }

  /** Opens a path; returns the descriptor, or the negative error. */
  open(path: string, flags: number, rights = READ | WRITE, descriptorFlags = 0): number {
    const [address, length] = this.text(path);
    const args = [ROOT, 0, address, length, flags, rights, 0n, descriptorFlags, RESULT];
    const error = this.call("path_open", ...args);
    return error === success ? this.view.getUint32(RESULT, true) : -error;
  }

  /** Calls with a path, or with two. */
  onPath(name: string, path: string): number {
    return this.call(name, ROOT, ...this.text(path));
  }

  onTwoPaths(name: string, from: string, to: string): number {
    const [first, second] = [this.text(from), this.text(to, OTHER_NAME)];
    const flags = name === "path_link" ? [0] : [];
    return this.call(name, ROOT, ...flags, ...first, ROOT, ...second);
  }

  #buffers(...lengths: readonly number[]): void {
    let address = BUFFER;
    for (const [index, length] of lengths.entries()) {
      this.view.setUint32(IOVECS + 8 * index, address, true);
      this.view.setUint32(IOVECS + 8 * index + 4, length, true);
      address += length;
    }
  }

  /** Writes texts, each from a buffer of its own; returns the error. */
  write(descriptor: number, texts: readonly string[], offset?: bigint): number {
    this.text(texts.join(""), BUFFER);
    this.#buffers(...texts.map(({ length }) => length));
    if (offset !== undefined) {
      return this.call("fd_pwrite", descriptor, IOVECS, texts.length, offset, RESULT);
    }
    return transfer(this.host, "fd_write", [descriptor, IOVECS, texts.length, RESULT]);
  }

  /** Reads into buffers of these lengths; returns the text, or the negative error. */
  read(descriptor: number, lengths: readonly number[], offset?: bigint): string | number {
    this.#buffers(...lengths);
    const error = offset === undefined
      ? transfer(this.host, "fd_read", [descriptor, IOVECS, lengths.length, RESULT])
      : this.call("fd_pread", descriptor, IOVECS, lengths.length, offset, RESULT);
    return error === success ? this.guest.text(BUFFER, this.view.getUint32(RESULT, true)) : -error;
  }

  /** Moves the position; returns the new one, or the negative error. */
  seek(descriptor: number, offset: number, whence: number): number {
    const error = this.call("fd_seek", descriptor, BigInt(offset), whence, RESULT);
    return error === success ? Number(this.view.getBigUint64(RESULT, true)) : -error;
  }

  /** Returns the length and the time in ms of an open file. */
  status(descriptor: number): readonly [length: number, modifiedMs: number] {
    assertEquals(this.call("fd_filestat_get", descriptor, RESULT), success);
    const modified = this.view.getBigUint64(RESULT + 48, true);
    return [Number(this.view.getBigUint64(RESULT + 32, true)), Number(modified) / 1e6];
  }
}

Deno.test("files are read and written in buffers, at the position or at an offset", () => {
  const program = new Program();
  const file = program.open("storage/a", CREATE);
  assertEquals(program.write(file, ["abc", "", "defg"]), success);
  assertEquals(program.view.getUint32(RESULT, true), 7);
  assertEquals(program.write(file, ["X", "Y"], 1n), success);
  assertEquals([program.seek(file, 0, 0), program.read(file, [2, 3, 1])], [0, "aXYdef"]);
  assertEquals(program.read(file, [4, 4]), "g");
  assertEquals(program.read(file, [4, 4], 2n), "Ydefg");
  assertEquals(program.read(file, [2, 2], 1n), "XYde");
  assertEquals([program.read(99, [1]), program.write(99, ["a"])], [-badDescriptor, badDescriptor]);
});

Deno.test("the position moves from the start, from itself, and from the end", () => {
  const program = new Program();
  const file = program.open("storage/a", CREATE);
  program.write(file, ["0123456789"]);
  assertEquals(program.seek(file, 4, 0), 4);
  assertEquals(program.seek(file, 3, 1), 7);
  assertEquals(program.seek(file, -2, 2), 8);
  assertEquals(program.seek(file, -20, 1), -invalid);
  assertEquals(program.call("fd_tell", file, RESULT), success);
  assertEquals(program.view.getBigUint64(RESULT, true), 8n);
  assertEquals(program.read(file, [9]), "89");
});

Deno.test("the flags of a descriptor can be read, and appending can be set", () => {
  const program = new Program();
  const flagsOf = (descriptor: number) => {
    assertEquals(program.call("fd_fdstat_get", descriptor, RESULT), success);
    return [program.view.getUint8(RESULT), program.view.getUint16(RESULT + 2, true)];
  };
  const file = program.open("storage/a", CREATE);
  assertEquals([flagsOf(file), flagsOf(ROOT), flagsOf(1)], [[4, 0], [3, 0], [0, 0]]);
  program.write(file, ["abc"]);
  assertEquals(program.call("fd_fdstat_set_flags", file, APPEND), success);
  assertEquals(flagsOf(file), [4, APPEND]);
  program.write(file, ["d"], 0n);
  assertEquals(program.call("fd_fdstat_set_flags", file, 0), success);
  program.write(file, ["X"], 0n);
  assertEquals([flagsOf(file), program.read(file, [9], 0n)], [[4, 0], "Xbcd"]);
  const appending = program.open("storage/a", 0, WRITE, APPEND);
  assertEquals(flagsOf(appending), [4, APPEND]);
});

Deno.test("writes that are durable by themselves are not supported, and the log says what to do", () => {
  const program = new Program();
  const file = program.open("storage/a", CREATE);
  assertEquals(program.call("fd_fdstat_set_flags", file, SYNC), notSupported);
  assertEquals(program.open("storage/b", CREATE, WRITE, SYNC), -notSupported);
  assertEquals(program.open("storage/b", 0), -Errno.noEntry);
  const [flags, opened] = program.test.logged;
  assertStringIncludes(flags ?? "", `fd_fdstat_set_flags(${file}, … O_SYNC), which`);
  assertStringIncludes(flags ?? "", "ENOTSUP; call fsync");
  assertStringIncludes(opened ?? "", 'path_open("storage/b", … O_SYNC), which');
});

Deno.test("a file is shortened, and allocated only if it is shorter", () => {
  const program = new Program();
  const file = program.open("storage/a", CREATE);
  program.write(file, ["abcdef"]);
  assertEquals(program.call("fd_filestat_set_size", file, 4n), success);
  assertEquals(program.status(file)[0], 4);
  assertEquals(program.call("fd_allocate", file, 1n, 2n), success);
  assertEquals(program.status(file)[0], 4);
  assertEquals(program.call("fd_allocate", file, 3n, 5n), success);
  assertEquals(program.status(file)[0], 8);
  assertEquals(program.call("fd_advise", file), success);
  assertEquals(program.call("fd_advise", 99), badDescriptor);
});

Deno.test("the time of the last change is set to a given one, or to the present", () => {
  const program = new Program();
  const { clock } = program.test;
  clock.wallMs = 10;
  const file = program.open("storage/a", CREATE);
  const [given, now, accessed] = [4, 8, 1];
  clock.wallMs = 70;
  const set = (flags: number) => program.call("fd_filestat_set_times", file, 1n, 5_000_000n, flags);
  assertEquals([set(accessed), program.status(file)[1]], [success, 10]);
  assertEquals([set(given), program.status(file)[1]], [success, 5]);
  assertEquals([set(now), program.status(file)[1]], [success, 70]);
  const [address, length] = program.text("storage/a");
  const args = [ROOT, 0, address, length, 1n, 9_000_000n, given];
  assertEquals(program.call("path_filestat_set_times", ...args), success);
  assertEquals(program.status(file)[1], 9);
});

Deno.test("paths are created, renamed, linked and removed", () => {
  const program = new Program();
  const file = program.open("storage/a", CREATE);
  program.write(file, ["A"]);
  assertEquals(program.onPath("path_create_directory", "storage/d"), success);
  assertEquals(program.onTwoPaths("path_link", "storage/a", "storage/d/b"), success);
  assertEquals(program.onTwoPaths("path_rename", "storage/a", "storage/c"), success);
  assertEquals(program.open("storage/a", 0), -Errno.noEntry);
  assertEquals(program.read(program.open("storage/d/b", 0), [9]), "A");
  assertEquals(program.read(program.open("storage/c", 0), [9]), "A");
  assertEquals(program.onPath("path_remove_directory", "storage/d"), Errno.notEmpty);
  assertEquals(program.onPath("path_unlink_file", "storage/d"), Errno.isDirectory);
  assertEquals(program.onPath("path_unlink_file", "storage/d/b"), success);
  assertEquals(program.onPath("path_remove_directory", "storage/d"), success);
  assertEquals(program.onPath("path_remove_directory", "storage/c"), Errno.notDirectory);
  assertEquals(program.open("storage/c", CREATE | EXCLUSIVE), -Errno.exists);
  assertEquals(program.open("storage/c", DIRECTORY), -Errno.notDirectory);
  assertEquals(program.read(program.open("storage/c", TRUNCATE), [9]), "");
  assertEquals(program.onTwoPaths("path_rename", "storage", "storage/x"), Errno.busy);
  assertEquals(program.onPath("path_create_directory", "beside"), Errno.access);
  assertEquals(program.call("path_readlink"), invalid);
  assertStringIncludes(
    program.test.logged.join(),
    'path_create_directory("beside"), but a simulated node has the folder storage only: EACCES',
  );
  const [address, length] = program.text("storage/c");
  assertEquals(program.call("path_filestat_get", ROOT, 0, address, length, RESULT), success);
  assertEquals(program.view.getUint8(RESULT + 16), 4);
  program.onPath("path_create_directory", "storage/e");
  const folder = program.open("storage/e", DIRECTORY, READ);
  const name = program.text("below");
  assertEquals(program.call("path_create_directory", folder, ...name), success);
  assertEquals(program.onPath("path_remove_directory", "storage/e/below"), success);
});

Deno.test("the root is announced, and its entries are listed in parts", () => {
  const program = new Program();
  assertEquals(program.call("fd_prestat_get", ROOT, RESULT), success);
  assertEquals(program.view.getBigUint64(RESULT, true), 1n << 32n, "a directory, with a name of 1");
  assertEquals(program.call("fd_prestat_dir_name", ROOT, RESULT, 1), success);
  assertEquals(program.guest.text(RESULT, 1), "/");
  const file = program.open("storage/a", CREATE);
  assertEquals(program.call("fd_prestat_get", file, RESULT), badDescriptor);
  assertEquals(program.call("fd_prestat_dir_name", file, RESULT, 1), badDescriptor);
  program.open("storage/b", CREATE);
  const folder = program.open("storage", DIRECTORY, READ);
  const list = (length: number, cookie: bigint) => {
    const error = program.call("fd_readdir", folder, BUFFER, length, cookie, RESULT);
    assertEquals(error, success);
    return program.view.getUint32(RESULT, true);
  };
  assertEquals([list(1000, 0n), list(30, 0n), list(1000, 2n)], [50, 30, 0]);
  assertEquals(list(1000, 1n), 25);
  assertEquals(program.guest.text(BUFFER + 24, 1), "b");
  assertEquals(program.call("fd_readdir", file, BUFFER, 9, 0n, RESULT), Errno.notDirectory);
});

Deno.test("standard streams cannot seek, may not wait, and can be closed", () => {
  const program = new Program();
  assertEquals([program.seek(0, 0, 0), program.call("fd_tell", 2, RESULT)], [
    -Errno.notSeekable,
    Errno.notSeekable,
  ]);
  const flagsOf = (descriptor: number) => {
    program.call("fd_fdstat_get", descriptor, RESULT);
    return program.view.getUint16(RESULT + 2, true);
  };
  assertEquals(program.call("fd_fdstat_set_flags", 0, 4), success);
  assertEquals([flagsOf(0), flagsOf(1), [...program.nonBlocking]], [4, 0, [0]]);
  assertEquals(program.call("fd_fdstat_set_flags", 0, 0), success);
  assertEquals([flagsOf(0), program.nonBlocking.size], [0, 0]);
  assertEquals(program.call("fd_fdstat_set_flags", 0, 1), notSupported);
  assertEquals(program.status(1), [0, 0]);
  assertEquals(program.call("fd_close", 2), success);
  assertEquals(program.call("fd_close", 2), badDescriptor);
  assertEquals([...program.closedStreams], [2]);
  const file = program.open("storage/a", CREATE);
  assertEquals([program.call("fd_close", file), program.call("fd_close", file)], [
    success,
    badDescriptor,
  ]);
});

Deno.test("a program has its arguments, one time zone, the node's clocks and its chance", () => {
  const program = new Program();
  const { clock } = program.test;
  const texts = (name: string) => {
    assertEquals(program.call(`${name}_sizes_get`, RESULT, RESULT + 4), success);
    const [count, size] = [0, 4].map((at) => program.view.getUint32(RESULT + at, true));
    assertEquals(program.call(`${name}_get`, IOVECS, BUFFER), success);
    return [count, program.guest.text(BUFFER, size ?? 0)];
  };
  assertEquals(texts("args"), [2, "node\0--fast\0"]);
  assertEquals(texts("environ"), [1, "TZ=UTC\0"]);
  clock.wallMs = 5;
  assertEquals(program.call("clock_time_get", 0, 1n, RESULT), success);
  assertEquals(program.view.getBigUint64(RESULT, true), 5_000_000n);
  assertEquals(program.call("clock_res_get", 0, RESULT), success);
  assert(program.view.getBigUint64(RESULT, true) > 0n);
  program.guest.bytes(BUFFER, 5).fill(1);
  assertEquals(program.call("random_get", BUFFER, 4), success);
  assertEquals([...program.guest.bytes(BUFFER, 5)], [128, 128, 128, 128, 1]);
  assertEquals(program.call("sched_yield"), success);
});

Deno.test("a call that the simulation lacks fails each time, and is named once", () => {
  const program = new Program();
  assertEquals([program.call("path_symlink"), program.call("path_symlink")], [58, 58]);
  assertEquals(program.test.logged, [
    "the program called path_symlink, which a simulated node does not have: ENOTSUP; use link or rename",
  ]);
});
