import { assert, assertEquals, assertStrictEquals } from "std/testing";
import {
  importMemory,
  MEMORY_IMPORT,
  MemoryLease,
  MemoryPool,
} from "../../../../lib/workbench/sim/wasm/memory_pool.ts";
import { meter } from "../../../../lib/workbench/sim/wasm/meter.ts";
import { compileText } from "./assembly.ts";

const PAGE_BYTES = 65_536;

Deno.test("a memory is used again, and contains zeros", () => {
  const pool = new MemoryPool({ initial: 3 });
  const first = pool.take();
  new Uint8Array(first.buffer).fill(7, PAGE_BYTES - 1, PAGE_BYTES + 1);
  assert(pool.take() !== first);
  pool.give(first);
  const again = pool.take();
  assertStrictEquals(again, first);
  assertEquals(new Uint8Array(again.buffer).findIndex((byte) => byte !== 0), -1);
});

Deno.test("a memory that has grown is not used again", () => {
  const pool = new MemoryPool({ initial: 1 });
  const memory = pool.take();
  memory.grow(1);
  pool.give(memory);
  assert(pool.take() !== memory);
});

Deno.test("a lease gives its memory back once", () => {
  const pool = new MemoryPool({ initial: 1 });
  const lease = new MemoryLease(pool);
  const { memory } = lease.imports[MEMORY_IMPORT.module] as { memory: WebAssembly.Memory };
  lease.end();
  lease.end();
  const first = pool.take();
  assertStrictEquals(first, memory);
  assert(pool.take() !== first);
  assertEquals(new MemoryLease(undefined).imports, {});
});

Deno.test("a module imports its memory, and otherwise stays the same", async () => {
  const source = await compileText(
    `export function exchange(value: i32): i32 {
       const before = load<i32>(65532);
       store<i32>(65532, value);
       return before;
     }`,
    ["--initialMemory", "2"],
  );
  const { bytes, limits } = importMemory(source);
  assertEquals(limits, { initial: 2 });
  const module = new WebAssembly.Module(meter(bytes));
  const imports = WebAssembly.Module.imports(module);
  assertEquals(imports, [{ ...MEMORY_IMPORT, kind: "memory" }]);
  const pool = new MemoryPool(limits ?? { initial: 0 });
  for (let round = 0; round < 2; round++) {
    const lease = new MemoryLease(pool);
    const { exports } = new WebAssembly.Instance(module, lease.imports);
    const { exchange, memory } = exports as {
      exchange: (value: number) => number;
      memory: unknown;
    };
    assertEquals(
      [exchange(5), exchange(6)],
      [0, 5],
      "the second instance sees no value of the first",
    );
    assertEquals(memory instanceof WebAssembly.Memory, true);
    lease.end();
  }
});

Deno.test("a module keeps the maximum of its memory, and its other imports", async () => {
  const source = await compileText(
    `@external("host", "double") declare function double(value: i32): i32;
     export function compute(value: i32): i32 {
       store<i32>(16, double(value));
       return load<i32>(16);
     }
     export function grow(): i32 { return memory.grow(2); }`,
    ["--initialMemory", "1", "--maximumMemory", "2"],
  );
  const { bytes, limits } = importMemory(source);
  assertEquals(limits, { initial: 1, maximum: 2 });
  const module = new WebAssembly.Module(meter(bytes));
  const names = (imports: readonly WebAssembly.ModuleImportDescriptor[]) =>
    imports.map(({ module, name, kind }) => `${module}.${name} ${kind}`);
  assertEquals(names(WebAssembly.Module.imports(module)), [
    "host.double function",
    `${MEMORY_IMPORT.module}.${MEMORY_IMPORT.name} memory`,
  ]);
  const lease = new MemoryLease(new MemoryPool(limits!));
  const host = { double: (value: number) => 2 * value };
  const { exports } = new WebAssembly.Instance(module, { ...lease.imports, host });
  const { compute, grow } = exports as Record<string, (value?: number) => number>;
  assertEquals([compute?.(21), grow?.()], [42, -1]);
});

Deno.test("a module with an imported memory is left as it is", async () => {
  const source = await compileText("export function f(): i32 { return load<i32>(0); }", [
    "--importMemory",
  ]);
  const { bytes, limits } = importMemory(source);
  assertStrictEquals(bytes, source);
  assertEquals(limits, undefined);
});
