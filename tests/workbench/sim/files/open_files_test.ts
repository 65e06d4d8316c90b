import { assert, assertEquals, assertThrows } from "std/testing";
import { FileError } from "../../../../lib/workbench/sim/files/file_error.ts";
import {
  OpenFiles,
  type OpenOptions,
  statusOf,
} from "../../../../lib/workbench/sim/files/open_files.ts";
import { SimulatedFolder } from "../../../../lib/workbench/sim/files/simulated_folder.ts";

const READ: OpenOptions = {
  isReadable: true,
  isWritable: false,
  appends: false,
  creates: false,
  isExclusive: false,
  truncates: false,
  isDirectory: false,
};
const CREATE: OpenOptions = { ...READ, isWritable: true, creates: true };
const FOLDER: OpenOptions = { ...READ, isDirectory: true };
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/** A process with a folder, whose clock a test sets. */
class Process {
  readonly clock = { nowMs: 0 };
  readonly files: OpenFiles;
  isRunning = true;

  constructor(folder = new SimulatedFolder()) {
    const user = {
      isRunning: () => this.isRunning,
      now: () => 0,
      wallClock: () => this.clock.nowMs,
      after: (_delayMs: number, fn: () => void) => fn(),
      resume: (fn: () => void) => fn(),
    };
    this.files = new OpenFiles(folder, user, { latencyMs: () => 1, onBegin() {} });
  }

  /** Creates a file with a text, and closes it. */
  create(path: string, text = ""): void {
    const descriptor = this.files.open(path, CREATE);
    this.write(descriptor, text);
    this.files.close(descriptor);
  }

  write(descriptor: number, text: string, offset?: number): void {
    this.files.write(descriptor, encoder.encode(text), offset);
  }

  read(descriptor: number, length: number, offset?: number): string {
    const bytes = new Uint8Array(length);
    const count = this.files.read(descriptor, bytes, offset);
    return decoder.decode(bytes.subarray(0, count));
  }

  /** Returns the contents of a file. */
  text(path: string): string {
    const descriptor = this.files.open(path, READ);
    const text = this.read(descriptor, 1000);
    this.files.close(descriptor);
    return text;
  }

  names(path: string): string[] {
    return this.files.entriesOf(this.files.stat(path)).map(([name]) => name);
  }
}

/** Asserts that each operation fails with the error in front of it. */
function assertFails(operations: readonly (readonly [code: string, run: () => unknown])[]): void {
  for (const [index, [code, run]] of operations.entries()) {
    const error = assertThrows(run, FileError, undefined, `operation ${index}`);
    assertEquals(error.code, code, `operation ${index}`);
  }
}

Deno.test("descriptors are the lowest free ones after the standard streams", () => {
  const { files } = new Process();
  const open = () => files.open("storage/a", CREATE);
  assertEquals([open(), open(), open()], [3, 4, 5]);
  files.close(4);
  assertEquals([files.isOpen(4), files.isOpen(5)], [false, true]);
  assertEquals([open(), open()], [4, 6]);
  assertFails([["EBADF", () => files.close(9)], ["EBADF", () => files.get(9)]]);
});

Deno.test("reads and writes move the position, unless they have an offset", () => {
  const process = new Process();
  const descriptor = process.files.open("storage/a", CREATE);
  process.write(descriptor, "abc");
  process.write(descriptor, "def");
  process.write(descriptor, "XY", 1);
  process.write(descriptor, "g");
  assertEquals(process.text("storage/a"), "aXYdefg");
  assertEquals(process.read(descriptor, 9), "", "at the end");
  assertEquals(process.read(descriptor, 3, 2), "Yde");
  process.files.get(descriptor).position = 1;
  assertEquals([process.read(descriptor, 2), process.read(descriptor, 2)], ["XY", "de"]);
  const reader = process.files.open("storage/a", READ);
  assertEquals([process.read(reader, 4), process.read(reader, 9)], ["aXYd", "efg"]);
  process.write(descriptor, "z", 9);
  assertEquals(process.text("storage/a"), "aXYdefg\0\0z", "a gap has zeros");
});

Deno.test("writes of a file that appends go to its end, whatever their offset", () => {
  const process = new Process();
  process.create("storage/a", "ab");
  const descriptor = process.files.open("storage/a", { ...CREATE, appends: true });
  process.write(descriptor, "c");
  process.write(descriptor, "d", 0);
  assertEquals(process.text("storage/a"), "abcd");
  assertEquals(process.files.get(descriptor).position, 3, "an offset leaves the position");
  process.write(descriptor, "e");
  assertEquals(process.files.get(descriptor).position, 5);
});

Deno.test("opening creates, empties, or requires a file, as its options say", () => {
  const process = new Process();
  const { files } = process;
  assertFails([["ENOENT", () => files.open("storage/a", READ)]]);
  files.open("storage/a", { ...CREATE, isExclusive: true });
  assertFails([["EEXIST", () => files.open("storage/a", { ...CREATE, isExclusive: true })]]);
  files.open("storage/a", { ...READ, isExclusive: true });
  process.create("storage/b", "text");
  files.open("storage/b", CREATE);
  assertEquals(process.text("storage/b"), "text");
  files.open("storage/b", { ...CREATE, truncates: true });
  assertEquals(process.text("storage/b"), "");
  files.createDirectory("storage/d");
  assertEquals(files.get(files.open("storage/d", FOLDER)).entry.isDirectory, true);
  assertFails([
    ["ENOTDIR", () => files.open("storage/a", FOLDER)],
    ["EISDIR", () => files.open("storage/d", { ...READ, isWritable: true })],
    ["EISDIR", () => files.open("storage/d", { ...READ, creates: true })],
    ["ENOTDIR", () => files.open("storage/a/x", CREATE)],
    ["ENOENT", () => files.open("storage/x/y", CREATE)],
  ]);
});

Deno.test("a descriptor allows what it was opened for", () => {
  const process = new Process();
  const { files } = process;
  process.create("storage/a", "text");
  const [reader, folder] = [files.open("storage/a", READ), files.open("storage", FOLDER)];
  const writer = files.open("storage/a", { ...CREATE, isReadable: false });
  files.truncate(writer, 2);
  assertFails([
    ["EBADF", () => process.read(writer, 1)],
    ["EBADF", () => process.write(reader, "x")],
    ["EINVAL", () => files.truncate(reader, 1)],
    ["EISDIR", () => process.read(folder, 1)],
    ["EISDIR", () => process.write(folder, "x")],
    ["EINVAL", () => process.read(reader, 1, -1)],
    ["EINVAL", () => process.write(writer, "x", -1)],
    ["EINVAL", () => process.read(reader, 1, NaN)],
  ]);
  assertEquals(process.text("storage/a"), "te");
});

Deno.test("a file is shortened or filled with zeros by its descriptor or its path", () => {
  const process = new Process();
  const { files } = process;
  process.create("storage/a", "abcdef");
  files.truncatePath("storage/a", 3);
  assertEquals(process.text("storage/a"), "abc");
  files.truncate(files.open("storage/a", CREATE), 5);
  assertEquals(process.text("storage/a"), "abc\0\0");
  assertFails([
    ["EISDIR", () => files.truncatePath("storage", 1)],
    ["ENOENT", () => files.truncatePath("storage/b", 1)],
  ]);
});

Deno.test("names are removed, renamed and linked, and replace others of their kind", () => {
  const process = new Process();
  const { files } = process;
  process.create("storage/a", "A");
  process.create("storage/b", "B");
  files.createDirectory("storage/d");
  files.createDirectory("storage/e");
  files.link("storage/a", "storage/d/link");
  assertEquals(process.text("storage/d/link"), "A");
  files.rename("storage/b", "storage/a");
  assertEquals([process.text("storage/a"), process.text("storage/d/link")], ["B", "A"]);
  assertEquals(process.names("storage"), ["a", "d", "e"]);
  files.rename("storage/a", "storage/a");
  files.rename("storage/d", "storage/e");
  assertEquals([process.names("storage"), process.names("storage/e")], [["a", "e"], ["link"]]);
  assertFails([
    ["ENOTEMPTY", () => files.removeDirectory("storage/e")],
    ["EISDIR", () => files.removeFile("storage/e")],
    ["ENOTDIR", () => files.removeDirectory("storage/a")],
    ["ENOENT", () => files.removeFile("storage/x")],
    ["EISDIR", () => files.rename("storage/a", "storage/e")],
    ["ENOTDIR", () => files.rename("storage/e", "storage/a")],
    ["EINVAL", () => files.rename("storage/e", "storage/e/below")],
    ["ENOENT", () => files.rename("storage/x", "storage/y")],
    ["EEXIST", () => files.link("storage/e/link", "storage/a")],
    ["EACCES", () => files.link("storage/e", "storage/f")],
    ["ENOENT", () => files.link("storage/x", "storage/f")],
    ["EEXIST", () => files.createDirectory("storage/a")],
    ["ENOTDIR", () => files.entriesOf(files.stat("storage/a"))],
  ]);
  files.createDirectory("storage/full");
  process.create("storage/full/x");
  assertFails([["ENOTEMPTY", () => files.rename("storage/e", "storage/full")]]);
  files.removeFile("storage/e/link");
  files.removeDirectory("storage/e");
  files.removeFile("storage/a");
  assertEquals(process.names("storage"), ["full"]);
});

Deno.test("the folder is alone in the working directory, and nothing is outside of it", () => {
  const process = new Process();
  const { files } = process;
  process.create("storage/a");
  assertEquals(process.names("."), ["storage"]);
  assertEquals(process.names(""), ["storage"]);
  assertEquals(files.stat("storage/./../storage//a"), files.stat("/storage/a"));
  assertEquals(files.stat("../../storage/a"), files.stat("storage/a"));
  const outside = (run: () => unknown) => {
    const { code, isOutside } = assertThrows(run, FileError);
    return [code, isOutside];
  };
  assertEquals(outside(() => files.open("b", CREATE)), ["EACCES", true]);
  assertEquals(outside(() => files.createDirectory("d")), ["EACCES", true]);
  assertEquals(outside(() => files.rename("storage/a", "b")), ["EACCES", true]);
  assertEquals(outside(() => files.link("storage/a", "b")), ["EACCES", true]);
  assertEquals(outside(() => files.stat("etc")), ["ENOENT", true]);
  assertEquals(outside(() => files.stat("etc/passwd")), ["ENOENT", true]);
  assertEquals(outside(() => files.open("etc/passwd", READ)), ["ENOENT", true]);
  assertEquals(outside(() => files.removeFile("etc")), ["ENOENT", true]);
  assertEquals(outside(() => files.stat("storage/x")), ["ENOENT", false]);
  assertEquals(outside(() => files.stat("storage/x/y")), ["ENOENT", false]);
  assertEquals(outside(() => files.removeDirectory("storage")), ["EBUSY", false]);
  assertEquals(outside(() => files.rename("storage", "storage/b")), ["EBUSY", false]);
  assertEquals(outside(() => files.rename("storage/a", "storage/../storage")), ["EBUSY", false]);
});

Deno.test("a status has the number, the length and the time of the last change", () => {
  const process = new Process();
  const { files, clock } = process;
  const status = (path: string) => statusOf(files.stat(path));
  assertEquals(status("storage").modifiedMs, 0);
  clock.nowMs = 10;
  process.create("storage/a");
  assertEquals(status("storage").modifiedMs, 10);
  const { number, ...rest } = status("storage/a");
  assertEquals(rest, { length: 0, modifiedMs: 10, isDirectory: false });
  clock.nowMs = 20;
  const descriptor = files.open("storage/a", CREATE);
  process.write(descriptor, "");
  assertEquals(status("storage/a").modifiedMs, 10, "nothing was written");
  process.write(descriptor, "abc");
  assertEquals(status("storage/a"), { number, length: 3, modifiedMs: 20, isDirectory: false });
  clock.nowMs = 30;
  files.truncate(descriptor, 3);
  assertEquals(status("storage/a").modifiedMs, 20, "the length is the same");
  files.truncate(descriptor, 1);
  files.createDirectory("storage/d");
  assertEquals([status("storage/a").modifiedMs, status("storage/d").modifiedMs], [30, 30]);
  assertEquals(status("storage/d").length, 0);
  const all = ["", "storage", "storage/a", "storage/d"].map((path) => status(path).number);
  assertEquals(new Set(all).size, 4);
  files.setModified(files.stat("storage/a"), 5);
  assertEquals(status("storage/a").modifiedMs, 5);
  clock.nowMs = 40;
  files.rename("storage/a", "storage/d/b");
  assertEquals([status("storage").modifiedMs, status("storage/d").modifiedMs], [40, 40]);
  assertEquals(status("storage/d/b").number, number);
});

Deno.test("a listing is of the time of its beginning, so that a program can remove each entry", () => {
  const process = new Process();
  const { files } = process;
  for (const name of ["c", "a", "b"]) process.create(`storage/${name}`);
  const folder = files.open("storage", FOLDER);
  const names = (skipped: number) => files.list(folder, skipped).map(([name]) => name);
  assertEquals(names(0), ["a", "b", "c"]);
  files.removeFile("storage/a");
  assertEquals([names(1), names(3)], [["b", "c"], []]);
  assertEquals(names(0), ["b", "c"]);
  const other = files.open("storage", FOLDER);
  assertEquals(files.list(other, 1).map(([name]) => name), ["c"]);
  assertFails([["ENOTDIR", () => files.list(files.open("storage/b", READ), 0)]]);
});

Deno.test("a process that has ended can do nothing", () => {
  const process = new Process();
  const { files } = process;
  process.create("storage/a");
  const descriptor = files.open("storage/a", CREATE);
  const entry = files.stat("storage/a");
  process.isRunning = false;
  assertFails([
    ["EBADF", () => files.open("storage/a", READ)],
    ["EBADF", () => process.write(descriptor, "x")],
    ["EBADF", () => process.read(descriptor, 1)],
    ["EBADF", () => files.truncatePath("storage/a", 0)],
    ["EBADF", () => files.setModified(entry, 1)],
    ["EBADF", () => files.createDirectory("storage/d")],
    ["EBADF", () => files.rename("storage/a", "storage/b")],
  ]);
  assert(!entry.isDirectory && entry.length === 0);
});
