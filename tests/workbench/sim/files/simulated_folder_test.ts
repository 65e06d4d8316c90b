import { assert, assertEquals, assertThrows } from "std/testing";
import { Random } from "../../../../lib/base/mod.ts";
import { FileError } from "../../../../lib/workbench/sim/files/file_error.ts";
import { OpenFiles, type OpenOptions } from "../../../../lib/workbench/sim/files/open_files.ts";
import { MAX_FILE_BYTES } from "../../../../lib/workbench/sim/files/simulated_file.ts";
import { SimulatedFolder } from "../../../../lib/workbench/sim/files/simulated_folder.ts";

const CREATE: OpenOptions = {
  isReadable: true,
  isWritable: true,
  appends: true,
  creates: true,
  isExclusive: false,
  truncates: false,
  isDirectory: false,
};
const FOLDER: OpenOptions = { ...CREATE, isWritable: false, creates: false, isDirectory: true };

/** A process whose fsyncs last until `complete` is called. */
class Process {
  readonly files: OpenFiles;
  #running = true;
  #pending: (() => void)[] = [];
  /** The number of fsyncs that make something durable. */
  begun = 0;

  constructor(folder: SimulatedFolder) {
    const user = {
      isRunning: () => this.#running,
      now: () => 0,
      wallClock: () => 0,
      after: (_delayMs: number, fn: () => void) => void this.#pending.push(fn),
      resume: (fn: () => void) => fn(),
    };
    this.files = new OpenFiles(folder, user, { latencyMs: () => 1, onBegin: () => this.begun++ });
  }

  append(path: string, text: string): void {
    const descriptor = this.files.open(path, CREATE);
    this.files.write(descriptor, new TextEncoder().encode(text));
    this.files.close(descriptor);
  }

  /** Starts an fsync. */
  sync(path: string, isFolder = false): void {
    this.files.sync(this.files.open(path, isFolder ? FOLDER : CREATE), () => {});
  }

  complete(): void {
    for (const fn of this.#pending.splice(0)) fn();
  }

  end(): void {
    this.#running = false;
  }

  /** Makes all durable. */
  syncAll(...paths: readonly string[]): void {
    for (const path of paths) this.sync(path);
    this.sync("storage", true);
    this.complete();
  }
}

function textOf(folder: SimulatedFolder, path: string): string {
  const entry = folder.get(path);
  assert(!entry.isDirectory);
  const bytes = new Uint8Array(entry.length);
  entry.read(0, bytes);
  return new TextDecoder().decode(bytes);
}

/** Returns what many losses of power leave, each of a folder of its own, in order without repeats. */
function outcomes(run: (folder: SimulatedFolder) => void, path: string): string[] {
  const found = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const folder = new SimulatedFolder();
    run(folder);
    folder.losePower(new Random(seed));
    const { entry } = folder.find(path);
    found.add(entry === undefined ? "no file" : textOf(folder, path));
  }
  return [...found].sort();
}

Deno.test("a loss of power keeps a beginning of the writes, and may tear the next one", () => {
  const run = (folder: SimulatedFolder) => {
    const process = new Process(folder);
    process.append("storage/log", "one\n");
    process.syncAll("storage/log");
    process.append("storage/log", "two\n");
    process.append("storage/log", "3\n");
  };
  const expected = ["", "t", "tw", "two", "two\n", "two\n3", "two\n3\n"].map((end) =>
    `one\n${end}`
  );
  assertEquals(outcomes(run, "storage/log"), expected);
});

Deno.test("the end of a process keeps all that it wrote, but its fsync covers nothing", () => {
  const run = (folder: SimulatedFolder) => {
    const process = new Process(folder);
    process.append("storage/log", "");
    process.syncAll("storage/log");
    process.append("storage/log", "ab");
    process.sync("storage/log");
    process.end();
    process.complete();
    return process;
  };
  const folder = new SimulatedFolder();
  const process = run(folder);
  assertEquals(textOf(folder, "storage/log"), "ab");
  assertThrows(() => process.append("storage/log", "late"), FileError, "EBADF");
  assertEquals(outcomes(run, "storage/log"), ["", "a", "ab"]);
});

Deno.test("an fsync covers the writes before it, and no later ones", () => {
  const run = (folder: SimulatedFolder) => {
    const process = new Process(folder);
    process.append("storage/log", "1");
    process.syncAll();
    process.sync("storage/log");
    process.append("storage/log", "2");
    process.complete();
    assertEquals(process.begun, 2);
  };
  assertEquals(outcomes(run, "storage/log"), ["1", "12"]);
});

Deno.test("the name of a new file is durable after an fsync of a folder, not of the file", () => {
  const create = (folder: SimulatedFolder) => {
    const process = new Process(folder);
    process.append("storage/log", "1");
    process.sync("storage/log");
    process.complete();
  };
  assertEquals(outcomes(create, "storage/log"), ["1", "no file"]);
  const createAndSync = (folder: SimulatedFolder) => {
    create(folder);
    new Process(folder).syncAll();
  };
  assertEquals(outcomes(createAndSync, "storage/log"), ["1"]);
});

Deno.test("a rename happens as a whole or not, but it does not write the new contents", () => {
  const replace = (syncsFile: boolean) => (folder: SimulatedFolder) => {
    const process = new Process(folder);
    process.append("storage/log", "old");
    process.syncAll("storage/log");
    process.append("storage/new", "new");
    if (syncsFile) process.sync("storage/new");
    process.complete();
    process.files.rename("storage/new", "storage/log");
  };
  assertEquals(outcomes(replace(true), "storage/log"), ["new", "old"]);
  assertEquals(outcomes(replace(false), "storage/log"), ["", "n", "ne", "new", "old"]);
});

Deno.test("names survive in their order", () => {
  const found = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const folder = new SimulatedFolder();
    const { files } = new Process(folder);
    for (const name of ["a", "a/b", "c"]) files.createDirectory(`storage/${name}`);
    files.removeDirectory("storage/c");
    folder.losePower(new Random(seed));
    const names = (path: string) => files.entriesOf(files.stat(path)).map(([name]) => name);
    found.add(names("storage").map((name) => `${name}(${names(`storage/${name}`)})`).join());
  }
  assertEquals([...found].sort(), ["", "a()", "a(b)", "a(b),c()"]);
});

Deno.test("damage of a loss of power is counted, and a flipped byte is a durable one", () => {
  const folder = new SimulatedFolder();
  const process = new Process(folder);
  assertEquals(folder.isUsed, false);
  process.append("storage/log", "abc");
  assertEquals(folder.isUsed, true);
  assertEquals(folder.flipByte(new Random(1)), false);
  process.syncAll("storage/log");
  assertEquals(folder.losePower(new Random(1)), { lostChanges: 0, isTorn: false });
  process.append("storage/log", "de");
  process.append("storage/log", "fg");
  const damages = Array.from({ length: 20 }, (_, seed) => {
    const copy = new SimulatedFolder();
    const process = new Process(copy);
    process.append("storage/log", "de");
    process.syncAll();
    const { lostChanges, isTorn } = copy.losePower(new Random(seed));
    return `${lostChanges}${isTorn ? " torn" : ""}`;
  });
  assertEquals([...new Set(damages)].sort(), ["0", "1", "1 torn"]);
  folder.losePower(new Random(2));
  const before = textOf(folder, "storage/log");
  assertEquals(folder.flipByte(new Random(3)), true);
  assert(textOf(folder, "storage/log") !== before);
});

Deno.test("a file cannot be longer than the limit, nor shorter than empty", () => {
  const { files } = new Process(new SimulatedFolder());
  const descriptor = files.open("storage/a", CREATE);
  assertThrows(() => files.truncate(descriptor, MAX_FILE_BYTES + 1), FileError, "EFBIG");
  assertThrows(() => files.truncate(descriptor, -1), FileError, "EINVAL");
  const { appends: _, ...options } = CREATE;
  const other = files.open("storage/a", { ...options, appends: false });
  assertThrows(
    () => files.write(other, Uint8Array.of(1), MAX_FILE_BYTES),
    FileError,
    "EFBIG",
  );
  assertThrows(() => files.rename("storage", "storage/a"), FileError, "EBUSY");
  assertThrows(() => files.removeDirectory("storage"), FileError, "EBUSY");
});
