import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { WasmFormatError } from "../../../../lib/workbench/sim/wasm/binary.ts";
import { meter, STEPS_LEFT } from "../../../../lib/workbench/sim/wasm/meter.ts";
import { compileText } from "./assembly.ts";

type Compute = (n: number) => number;

interface Metered {
  readonly compute: Compute;
  readonly counter: WebAssembly.Global;
}

async function instantiate(text: string, options?: readonly string[]): Promise<Metered> {
  const module = new WebAssembly.Module(meter(await compileText(text, options)));
  const { exports } = new WebAssembly.Instance(module);
  return {
    compute: exports.compute as Compute,
    counter: exports[STEPS_LEFT] as WebAssembly.Global,
  };
}

const SUM = `
  export function compute(n: i32): i32 {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += i;
    return sum;
  }`;

Deno.test("a metered loop computes the same and counts its iterations", async () => {
  const { compute, counter } = await instantiate(SUM);
  counter.value = 1000;
  assertEquals(compute(100), 4950);
  const steps = 1000 - counter.value;
  assert(steps >= 100 && steps <= 103, `${steps} steps`);
});

Deno.test("a metered loop traps when its steps are used up, at the same place each time", async () => {
  const { compute, counter } = await instantiate(SUM);
  for (const limit of [50, 50]) {
    counter.value = limit;
    const error = assertThrows(() => compute(100), WebAssembly.RuntimeError);
    assertStringIncludes(error.stack ?? "", "main/compute");
    assertEquals(counter.value, 0);
  }
  counter.value = 1000;
  assertEquals(compute(100), 4950);
});

Deno.test("recursion without a loop is metered, too", async () => {
  const { compute, counter } = await instantiate(`
    export function compute(n: i32): i32 { return n < 2 ? n : compute(n - 1) + compute(n - 2); }
  `);
  counter.value = 1000;
  assertEquals(compute(10), 55);
  counter.value = 100;
  assertThrows(() => compute(10), WebAssembly.RuntimeError);
});

Deno.test("modules with globals, tables, vectors and bulk memory stay valid and compute the same", async () => {
  const text = `
    let total: i64 = 5;
    let scale: f64 = 0.5;
    const table: ((n: i32) => i32)[] = [(n: i32) => n + 1, (n: i32) => n * 2];
    function pick(n: i32): i32 {
      switch (n % 5) { case 0: return 7; case 1: return 8; case 2: return 9; case 3: return 1; }
      return 0;
    }
    export function compute(n: i32): i32 {
      let vector = i32x4.splat(n);
      vector = i32x4.add(vector, i32x4(1, 2, 3, 4));
      vector = i8x16.shuffle(vector, vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15);
      const data = memory.data(32);
      memory.fill(data, 3, 16);
      memory.copy(data + 16, data, 16);
      total += <i64>load<u8>(data, 20);
      for (let i = 0; i < n; i++) total += <i64>table[i & 1](i) + pick(i);
      return <i32>total + i32x4.extract_lane(vector, 2) + <i32>(scale * 10) + <i32>scale;
    }`;
  const options = ["--enable", "simd", "--enable", "bulk-memory"];
  const plain = new WebAssembly.Instance(new WebAssembly.Module(await compileText(text, options)));
  const { compute } = await instantiate(text, options);
  for (const n of [0, 1, 9]) {
    assertEquals(compute(n), (plain.exports.compute as Compute)(n), `compute(${n})`);
  }
});

Deno.test("an instruction that is not known is named, and so is a file that is not a module", () => {
  const code = [0x01, 0x04, 0x00, 0xfb, 0x00, 0x0b];
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const sections = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, code.length, ...code];
  assertStringIncludes(
    assertThrows(() => meter(Uint8Array.from([...header, ...sections])), WasmFormatError).message,
    "the instruction 0xfb, which the simulation does not know",
  );
  assertThrows(() => meter(Uint8Array.of(1, 2, 3)), WasmFormatError, "not a WebAssembly module");
});
