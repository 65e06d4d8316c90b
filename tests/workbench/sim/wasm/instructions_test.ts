import { assertEquals, assertThrows } from "std/testing";
import { ByteReader, WasmFormatError } from "../../../../lib/workbench/sim/wasm/binary.ts";
import { skipImmediates } from "../../../../lib/workbench/sim/wasm/instructions.ts";

/** Instructions as the specification encodes them, with numbers of several bytes. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "unreachable": "00",
  "nop": "01",
  "block without a result": "02 40",
  "loop with a result": "03 7f",
  "if with the index of a type": "04 80 01",
  "block with a reference as result": "02 63 80 01",
  "loop with a reference that is not null": "03 64 05",
  "else": "05",
  "try": "06 40",
  "catch": "07 80 01",
  "throw": "08 80 01",
  "rethrow": "09 80 01",
  "throw_ref": "0a",
  "end": "0b",
  "br": "0c 80 01",
  "br_if": "0d 81 01",
  "br_table": "0e 02 80 01 01 82 01",
  "br_table without labels": "0e 00 01",
  "return": "0f",
  "call": "10 80 02",
  "call_indirect": "11 80 01 80 01",
  "return_call": "12 85 01",
  "return_call_indirect": "13 81 01 80 01",
  "call_ref": "14 81 01",
  "return_call_ref": "15 81 01",
  "delegate": "18 80 01",
  "catch_all": "19",
  "drop": "1a",
  "select": "1b",
  "select with types": "1c 02 7f 63 81 01",
  "try_table": "1f 40 04 00 85 01 81 01 01 85 01 81 01 02 81 01 03 81 01",
  "try_table with a reference as result": "1f 63 01 00",
  "local.get": "20 80 01",
  "local.set": "21 80 01",
  "local.tee": "22 80 01",
  "global.get": "23 80 01",
  "global.set": "24 80 01",
  "table.get": "25 80 01",
  "table.set": "26 80 01",
  "i32.load": "28 02 84 01",
  "i64.store32": "3e 02 80 80 01",
  "i32.load of another memory": "28 42 81 01 84 01",
  "memory.size": "3f 80 01",
  "memory.grow": "40 80 01",
  "i32.const": "41 ff 7e",
  "i64.const": "42 80 80 80 80 10",
  "f32.const": "43 ff ff 7f ff",
  "f64.const": "44 ff ff ff ff ff ff ef 7f",
  "i32.eqz": "45",
  "i64.extend32_s": "c4",
  "ref.null": "d0 80 01",
  "ref.is_null": "d1",
  "ref.func": "d2 80 01",
  "ref.eq": "d3",
  "ref.as_non_null": "d4",
  "br_on_null": "d5 80 01",
  "br_on_non_null": "d6 80 01",
  "i32.trunc_sat_f32_s": "fc 00",
  "i64.trunc_sat_f64_u": "fc 07",
  "memory.init": "fc 08 80 01 80 01",
  "data.drop": "fc 09 80 01",
  "memory.copy": "fc 0a 80 01 80 01",
  "memory.fill": "fc 0b 80 01",
  "table.init": "fc 0c 80 01 80 01",
  "elem.drop": "fc 0d 80 01",
  "table.copy": "fc 0e 80 01 80 01",
  "table.grow": "fc 0f 80 01",
  "table.size": "fc 10 80 01",
  "table.fill": "fc 11 80 01",
  "v128.load": "fd 00 04 80 01",
  "v128.store": "fd 0b 04 80 01",
  "v128.const": "fd 0c ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff",
  "i8x16.shuffle": "fd 0d 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
  "i8x16.swizzle": "fd 0e",
  "f64x2.splat": "fd 14",
  "i8x16.extract_lane_s": "fd 15 0f",
  "f64x2.replace_lane": "fd 22 01",
  "i8x16.eq": "fd 23",
  "v128.any_true": "fd 53",
  "v128.load8_lane": "fd 54 00 80 01 0f",
  "v128.store64_lane": "fd 5b 03 80 01 01",
  "v128.load32_zero": "fd 5c 02 80 01",
  "v128.load64_zero": "fd 5d 03 80 01",
  "f32x4.demote_f64x2_zero": "fd 5e",
  "the last relaxed vector instruction": "fd bf 02",
  "memory.atomic.notify": "fe 00 02 80 01",
  "memory.atomic.wait64": "fe 02 03 80 01",
  "atomic.fence": "fe 03 00",
  "i32.atomic.load": "fe 10 02 80 01",
  "i64.atomic.rmw32.cmpxchg_u": "fe 4e 02 80 01",
};

function bytesOf(text: string): number[] {
  return text.split(" ").map((byte) => parseInt(byte, 16));
}

Deno.test("the immediates of an opcode are skipped, up to the next instruction", () => {
  for (const [name, text] of Object.entries(EXAMPLES)) {
    const [opcode = 0, ...immediates] = bytesOf(text);
    // Whatever follows is not a part of the instruction.
    const reader = new ByteReader(Uint8Array.from([...immediates, 0x80, 0x80, 0x01]));
    skipImmediates(opcode, reader);
    assertEquals(reader.position, immediates.length, name);
  }
});

Deno.test("an instruction that ends too early is an error", () => {
  for (const [name, text] of Object.entries(EXAMPLES)) {
    const [opcode = 0, ...immediates] = bytesOf(text);
    if (immediates.length === 0) continue;
    const reader = new ByteReader(Uint8Array.from(immediates.slice(0, -1)));
    assertThrows(() => skipImmediates(opcode, reader), WasmFormatError, "ends too early", name);
  }
});

Deno.test("opcodes that the specification leaves free, and those of other proposals, are named", () => {
  const unknown = ["16", "17", "1d", "1e", "27", "c5", "cf", "d7", "fb", "ff"]
    .concat("fc 12", "fd c0 02", "fe 4", "fe f", "fe 4f");
  for (const text of unknown) {
    const [opcode = 0, ...number] = bytesOf(text);
    const names = text === "fd c0 02" ? "0xfd 0x140" : `0x${text.replace(" ", " 0x")}`;
    assertThrows(
      () => skipImmediates(opcode, new ByteReader(Uint8Array.from(number))),
      WasmFormatError,
      `it uses the instruction ${names}, which`,
    );
  }
});
