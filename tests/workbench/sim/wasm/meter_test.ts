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

/** Returns a section of a module. */
function section(id: number, ...contents: readonly number[]): number[] {
  return [id, contents.length, ...contents];
}

Deno.test("a module with imports of all kinds, locals of references, and data stays the same", () => {
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const imported = (
    text: string,
    ...type: readonly number[]
  ) => [...name("m"), ...name(text), ...type];
  const locals = [3, 1, 0x63, 0x70, 2, 0x6f, 1, 0x7f];
  // The global and the byte of the data, added; the function of the module is called before.
  const code = [...locals, 0x10, 0, 0x23, 0, 0x41, 3, 0x2d, 0, 0, 0x6a, 0x0b];
  const module = meter(Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f),
    ...section(
      2,
      7,
      ...imported("g", 0x03, 0x7f, 0x00),
      ...imported("memory", 0x02, 0x00, 1),
      ...imported("f", 0x00, 0),
      ...imported("t", 0x01, 0x70, 0x01, 1, 200, 1),
      ...imported("u", 0x01, 0x6f, 0x00, 1),
      ...imported("e", 0x04, 0x00, 0),
      ...imported("h", 0x03, 0x7e, 0x01),
    ),
    ...section(3, 1, 1),
    ...section(7, 1, ...name("compute"), 0x00, 1),
    ...section(12, 1),
    ...section(10, 1, code.length, ...code),
    ...section(11, 1, 0, 0x41, 3, 0x0b, 1, 30),
    ...section(0, ...name(".debug_info"), 1, 2, 3),
    ...section(0, ...name("note"), 1, 2, 3),
  ]));
  const compiled = new WebAssembly.Module(module);
  assertEquals(WebAssembly.Module.customSections(compiled, "note").length, 1);
  assertEquals(WebAssembly.Module.customSections(compiled, ".debug_info").length, 0);
  let calls = 0;
  const { Tag } = WebAssembly as unknown as {
    Tag: new (type: { parameters: readonly string[] }) => WebAssembly.ImportValue;
  };
  const { exports } = new WebAssembly.Instance(compiled, {
    m: {
      f: () => calls++,
      t: new WebAssembly.Table({ element: "anyfunc", initial: 1, maximum: 2 }),
      u: new WebAssembly.Table({ element: "externref" as "anyfunc", initial: 1 }),
      memory: new WebAssembly.Memory({ initial: 1 }),
      e: new Tag({ parameters: [] }),
      g: new WebAssembly.Global({ value: "i32" }, 12),
      h: new WebAssembly.Global({ value: "i64", mutable: true }, 0n),
    },
  });
  const { compute, [STEPS_LEFT]: counter } = exports as {
    compute: () => number;
    [STEPS_LEFT]: WebAssembly.Global;
  };
  const before = counter.value;
  assertEquals([compute(), calls], [42, 1]);
  assertEquals(before - counter.value, 1, "one function of the module");
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
