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

Deno.test("a schedule of all faults comes back from its text as it was", () => {
  for (const seed of ["a", "b", "c"]) {
    const schedule = generateSchedule(
      { faults: FAULT_NAMES, nodes, intervalMs: 300, durationMs: 5000 },
      new Random(seed),
    );
    assertEquals(decodeSchedule(encodeSchedule(schedule), nodes), schedule);
  }
  assertEquals(decodeSchedule(encodeSchedule([]), nodes), []);
});

Deno.test("a schedule has one act a line, so that it can be edited by hand", () => {
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

Deno.test("an edited schedule may leave out value and plan, and be in any order", () => {
  const text = `[
    {"at": 900, "f": "stop-pause"},
    {"at": 100, "f": "start-pause", "plan": {"nodes": ["n1"]}}
  ]`;
  assertEquals(decodeSchedule(text, nodes), [
    { at: 100, f: "start-pause", value: null, plan: { nodes: ["n1"] } },
    { at: 900, f: "stop-pause", value: null, plan: null },
  ]);
});

Deno.test("a schedule that cannot be carried out is refused, with the act and the reason", () => {
  const wrong: [string, string][] = [
    ["[", "must be JSON"],
    ["{}", "must be an array"],
    ["[7]", "act 1 must be an object"],
    ['[{"f": "stop-loss"}]', "act 1: at must be a number"],
    ['[{"at": -5, "f": "stop-loss"}]', "act 1: at must be from 0, not -5"],
    ['[{"at": 0, "f": "stop-loss"}, {"at": 0, "f": "start-flood"}]', "act 2: f must be start-X"],
    ['[{"at": 0, "f": "loss"}]', "act 1: f must be start-X"],
    ['[{"at": 0, "f": "start-kill", "plan": {"nodes": []}}]', "no nodes at all"],
    ['[{"at": 0, "f": "start-kill", "plan": {"nodes": ["n7"]}}]', "do not exist"],
    [
      '[{"at": 0, "f": "start-kill"}]',
      "the plan of kill must be {nodes: an array (each item: a string)}",
    ],
    ['[{"at": 0, "f": "stop-kill", "plan": {}}]', "has no plan"],
    ['[{"at": 0, "f": "stop-kill", "when": 7}]', "a field 'when'"],
  ];
  for (const [text, message] of wrong) {
    assertThrows(() => decodeSchedule(text, nodes), ScheduleError, message, text);
  }
});
