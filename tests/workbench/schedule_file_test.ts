import { assertEquals, assertThrows } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { FAULT_NAMES } from "../../lib/workbench/fault/mod.ts";
import { generateSchedule } from "../../lib/workbench/nemesis.ts";
import {
  decodeSchedule,
  encodeSchedule,
  ScheduleError,
} from "../../lib/workbench/schedule_file.ts";

const nodes = ["n0", "n1", "n2", "n3", "n4"];

Deno.test("decoding an encoded schedule returns the same schedule", () => {
  for (const seed of ["a", "b", "c"]) {
    const schedule = generateSchedule(
      { faults: FAULT_NAMES, nodes, intervalMs: 300, durationMs: 5000 },
      new Random(seed),
    );
    assertEquals(decodeSchedule(encodeSchedule(schedule), nodes), schedule);
  }
  assertEquals(decodeSchedule(encodeSchedule([]), nodes), []);
});

Deno.test("an encoded schedule has one fault event a line", () => {
  const text = encodeSchedule([
    { at: 0, f: "start-pause", value: "one", plan: { nodes: ["n1"] } },
    { at: 500, f: "stop-pause", value: null, plan: null },
  ]);
  assertEquals(text.split("\n"), [
    "[",
    '  {"at":0,"f":"start-pause","value":"one","plan":{"nodes":["n1"]}},',
    '  {"at":500,"f":"stop-pause","value":null,"plan":null}',
    "]",
    "",
  ]);
});

Deno.test("value and plan are optional, and events may be in any order", () => {
  const text = `[
    {"at": 900, "f": "stop-pause"},
    {"at": 100, "f": "start-pause", "plan": {"nodes": ["n1"]}}
  ]`;
  assertEquals(decodeSchedule(text, nodes), [
    { at: 100, f: "start-pause", value: null, plan: { nodes: ["n1"] } },
    { at: 900, f: "stop-pause", value: null, plan: null },
  ]);
});

Deno.test("an invalid schedule is rejected with its event and the problem", () => {
  const invalid: [string, string][] = [
    ["[", "must be JSON"],
    ["{}", "must be an array"],
    ["[7]", "event 1 must be an object"],
    ['[{"f": "stop-loss"}]', "event 1: at must be a number"],
    ['[{"at": -5, "f": "stop-loss"}]', "event 1: at must be from 0, got -5"],
    ['[{"at": 0, "f": "stop-loss"}, {"at": 0, "f": "start-flood"}]', "event 2: f must be start-X"],
    ['[{"at": 0, "f": "loss"}]', "event 1: f must be start-X"],
    ['[{"at": 0, "f": "start-kill", "plan": {"nodes": []}}]', "or no nodes"],
    ['[{"at": 0, "f": "start-kill", "plan": {"nodes": ["n7"]}}]', "names unknown nodes"],
    [
      '[{"at": 0, "f": "start-kill"}]',
      "the plan of kill must be {nodes: an array (each item: a string)}",
    ],
    ['[{"at": 0, "f": "stop-loss", "plan": {}}]', "must not have a plan"],
    ['[{"at": 0, "f": "stop-kill", "plan": {"nodes": ["n7"]}}]', "names unknown nodes"],
    ['[{"at": 0, "f": "stop-kill", "when": 7}]', "an unknown field 'when'"],
  ];
  for (const [text, message] of invalid) {
    assertThrows(() => decodeSchedule(text, nodes), ScheduleError, message, text);
  }
});
