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
  lease.end();
  lease.end();
  assert(pool.take() !== pool.take());
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

Deno.test("a module with an imported memory is left as it is", async () => {
  const source = await compileText("export function f(): i32 { return load<i32>(0); }", [
    "--importMemory",
  ]);
  const { bytes, limits } = importMemory(source);
  assertStrictEquals(bytes, source);
  assertEquals(limits, undefined);
});
