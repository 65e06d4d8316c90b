import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "std/testing";
import { Errno, GuestMemory, timeOf } from "../../../../lib/workbench/sim/wasm/wasi_abi.ts";
import { MAX_STEPS_PER_EVENT, STEPS_LEFT } from "../../../../lib/workbench/sim/wasm/meter.ts";
import { StepCounter } from "../../../../lib/workbench/sim/wasm/trap.ts";
import { isCall } from "../../../../lib/workbench/sim/wasm/wasi_calls.ts";
import { NameDecoder } from "../../../../lib/workbench/sim/wasm/name_decoder.ts";
import {
  direntsOf,
  openOptionsOf,
  writeDescriptorStatus,
  writeFileStatus,
} from "../../../../lib/workbench/sim/wasm/wasi_file_layout.ts";
import { TestNode } from "./guest_node.ts";

function memoryOf(pages = 1) {
  const memory = new WebAssembly.Memory({ initial: pages });
  return { memory, guest: new GuestMemory(memory), view: () => new DataView(memory.buffer) };
}

Deno.test("a time is written as nanoseconds, from 1970 to far in the future", () => {
  const { guest, view } = memoryOf();
  const written = (ms: number) => {
    guest.setTime(8, ms);
    return view().getBigUint64(8, true);
  };
  for (const ms of [0, 1, 0.5, 999, 65_535, 65_536, 4294.5, 2 ** 32, 1_735_689_600_000]) {
    assertEquals(written(ms), BigInt(Math.round(ms * 1e6)), `${ms} ms`);
  }
  fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
    assertEquals(written(ms), BigInt(ms) * 1_000_000n);
  }));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 99 }), (ms, part) => {
      const difference = written(ms + part / 100) - BigInt(ms) * 1_000_000n -
        BigInt(part) * 10_000n;
      assert(difference >= -200n && difference <= 200n, `${difference} ns`);
    }),
  );
});

Deno.test("the real-time clock is the node's, and other clocks do not start at 0", () => {
  const { node, clock } = new TestNode();
  clock.wallMs = 1_735_689_600_123;
  clock.monotonicMs = 7;
  assertEquals(timeOf(0, node), 1_735_689_600_123);
  const [first] = [timeOf(1, node), clock.monotonicMs = 57];
  assert(first > 7);
  assertEquals([timeOf(1, node) - first, timeOf(2, node) - first], [50, 50]);
});

Deno.test("texts are laid out as arguments: the addresses, and the texts with a zero at their end", () => {
  const { guest, view } = memoryOf();
  const texts = ["node", "", "größer"];
  guest.setTextSizes(texts, 0, 4);
  assertEquals([view().getUint32(0, true), view().getUint32(4, true)], [3, 5 + 1 + 9]);
  guest.setTexts(texts, 16, 100);
  const addresses = [16, 20, 24].map((at) => view().getUint32(at, true));
  assertEquals(addresses, [100, 105, 106]);
  assertEquals(guest.text(100, 15), "node\0\0größer\0");
});

Deno.test("the parts of memory that a program names are those of its array", () => {
  const { guest, view } = memoryOf();
  for (const [index, [address, length]] of [[200, 3], [300, 0], [65_530, 6]].entries()) {
    view().setUint32(40 + 8 * index, address as number, true);
    view().setUint32(44 + 8 * index, length as number, true);
  }
  const parts = guest.buffers(40, 3);
  assertEquals(parts.map(({ byteOffset, length }) => [byteOffset, length]), [
    [200, 3],
    [300, 0],
    [65_530, 6],
  ]);
  assertEquals(guest.buffers(40, 0), []);
});

Deno.test("a part outside of the memory is an error, and a memory that grows moves", () => {
  const { memory, guest, view } = memoryOf();
  assertEquals(guest.bytes(65_535, 1).length, 1);
  assertThrows(
    () => guest.bytes(65_535, 2),
    RangeError,
    "the program names 2 bytes at 65535, outside its memory",
  );
  assertThrows(() => guest.bytes(-1, 1), RangeError, "1 bytes at 4294967295");
  memory.grow(1);
  guest.bytes(65_535, 2)[1] = 9;
  guest.setUint32(70_000, 0x01020304);
  guest.setUint64(70_008, 2n ** 63n + 1n);
  assertEquals([view().getUint8(65_536), view().getUint8(70_000)], [9, 4]);
  assertEquals(view().getBigUint64(70_008, true), 2n ** 63n + 1n);
});

Deno.test("the status of a descriptor has its type, its flags and all rights, and nothing else", () => {
  const { guest, memory } = memoryOf();
  new Uint8Array(memory.buffer).fill(0x55, 0, 100);
  writeDescriptorStatus(guest, 10, { type: 4, flags: 1 });
  const bytes = [...new Uint8Array(memory.buffer, 9, 26)];
  const expected = [0x55, 4, 0, 1, 0, 0, 0, 0, 0, ...Array(16).fill(0xff), 0x55];
  assertEquals(bytes, expected);
});

Deno.test("the status of a file has its number, type, length and times; that of a stream has zeros", () => {
  const { guest, memory, view } = memoryOf();
  const { files, clock } = new TestNode();
  clock.wallMs = 5000;
  const options = openOptionsOf(1, 1n << 6n, 0);
  const descriptor = files.open("storage/a", options);
  files.write(descriptor, new Uint8Array(300));
  files.createDirectory("storage/d");
  const statusOf = (path: string) => {
    new Uint8Array(memory.buffer).fill(0x55, 0, 200);
    writeFileStatus(guest, 64, files.stat(path));
    assertEquals([view().getUint8(63), view().getUint8(128)], [0x55, 0x55]);
    assertEquals(view().getBigUint64(64, true), 0n, "the number of the device");
    assertEquals(view().getBigUint64(88, true), 1n, "the number of its names");
    const times = [40, 48, 56].map((at) => view().getBigUint64(64 + at, true));
    assertEquals(times, Array(3).fill(5_000_000_000n));
    return {
      number: Number(view().getBigUint64(72, true)),
      type: view().getUint8(80),
      length: Number(view().getBigUint64(96, true)),
    };
  };
  const [file, folder] = [statusOf("storage/a"), statusOf("storage/d")];
  assertEquals(file, { number: files.stat("storage/a").number, type: 4, length: 300 });
  assertEquals(folder, { number: files.stat("storage/d").number, type: 3, length: 0 });
  writeFileStatus(guest, 64);
  assertEquals([...new Uint8Array(memory.buffer, 64, 64)], Array(64).fill(0));
});

Deno.test("the flags of path_open say how a file is opened", () => {
  const [read, write] = [1n << 1n, 1n << 6n];
  const plain = {
    isReadable: false,
    isWritable: false,
    appends: false,
    creates: false,
    isExclusive: false,
    truncates: false,
    isDirectory: false,
  };
  assertEquals(openOptionsOf(0, 0n, 0), plain);
  assertEquals(openOptionsOf(1, read, 0), { ...plain, creates: true, isReadable: true });
  assertEquals(openOptionsOf(4, write, 0), { ...plain, isExclusive: true, isWritable: true });
  assertEquals(openOptionsOf(8, 0n, 1), { ...plain, truncates: true, appends: true });
  const all = openOptionsOf(2, read | write, 0);
  assertEquals(all, { ...plain, isDirectory: true, isReadable: true }, "none writes directories");
  assertEquals(openOptionsOf(0, ~(read | write), ~1), plain, "other rights and flags");
});

Deno.test("the entries of a directory follow each other, each with the number of the next", () => {
  const { files } = new TestNode();
  files.createDirectory("storage/größe");
  files.open("storage/a", openOptionsOf(1, 0n, 0));
  const entries = files.entriesOf(files.stat("storage"));
  const bytes = direntsOf(entries, 5);
  const view = new DataView(bytes.buffer);
  const read = (at: number) => {
    const length = view.getUint32(at + 16, true);
    return {
      next: Number(view.getBigUint64(at, true)),
      number: Number(view.getBigUint64(at + 8, true)),
      type: view.getUint8(at + 20),
      name: new TextDecoder().decode(bytes.subarray(at + 24, at + 24 + length)),
      end: at + 24 + length,
    };
  };
  const first = read(0);
  const second = read(first.end);
  const { number } = files.stat("storage/a");
  assertEquals(first, { next: 6, number, type: 4, name: "a", end: 25 });
  const folder = files.stat("storage/größe").number;
  assertEquals(second, { next: 7, number: folder, type: 3, name: "größe", end: bytes.length });
});

Deno.test("calls of WASI are known by their names, those of other systems are not", () => {
  for (const name of ["args_get", "sched_yield", "sock_send", "path_open", "fd_readdir"]) {
    assert(isCall(name), name);
  }
  for (const name of ["fd_fly", "thread-spawn", "toString", ""]) assert(!isCall(name), name);
});

Deno.test("errors have the numbers of WASI preview 1", () => {
  assertEquals(Errno, {
    ...{ success: 0, access: 2, again: 6, badDescriptor: 8, busy: 10, exists: 20, fileTooBig: 22 },
    ...{ invalid: 28, isDirectory: 31, noEntry: 44, notDirectory: 54, notEmpty: 55 },
    ...{ notSupported: 58, notSeekable: 70 },
  });
});

Deno.test("the steps of each event are counted anew, if the program is metered", () => {
  const counter = new WebAssembly.Global({ value: "i32", mutable: true }, 7);
  const steps = new StepCounter({ [STEPS_LEFT]: counter });
  assertEquals(steps.isExhausted, false);
  counter.value = 0;
  assertEquals(steps.isExhausted, true);
  steps.restart();
  assertEquals([counter.value, steps.isExhausted], [MAX_STEPS_PER_EVENT, false]);
  const unmetered = new StepCounter({});
  unmetered.restart();
  assertEquals(unmetered.isExhausted, false);
});

Deno.test("names are decoded as UTF-8, whichever were decoded before", () => {
  const names = new NameDecoder();
  const decode = (text: string) => {
    const bytes = new TextEncoder().encode(`xx${text}yy`);
    return names.decode(new DataView(bytes.buffer, 2, bytes.length - 4));
  };
  const texts = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.array(fc.constantFrom("a", "b", "\x7f", "\x80", "é", "€", "😀"), { maxLength: 36 })
      .map((parts) => parts.join("")),
    fc.constantFrom("value", "eulav", "length", "a", "b", "", "x".repeat(32), "x".repeat(33)),
  );
  fc.assert(fc.property(texts, (text) => assertEquals(decode(text), text)), { numRuns: 500 });
  // Names of the same length and hash.
  const [first, second] = ["aB", "b#"] as [string, string];
  for (const text of [first, second, second, first]) assertEquals(decode(text), text);
});
