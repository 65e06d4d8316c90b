import { assert, assertEquals, assertThrows } from "std/testing";
import { drawCase } from "../../../lib/workbench/explore/swarm.ts";
import {
  CaseError,
  decodeCase,
  encodeCase,
  withSchedule,
} from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT } from "./planted.ts";

const file = { case: drawCase(CORRECT.request, "1"), failure: ["workload: lost"] };

Deno.test("a case is readable text with one act of the nemesis a line", () => {
  const lines = encodeCase(file).split("\n");
  const acts = lines.filter((line) => line.includes('"f":"st'));
  assertEquals(acts.length, file.case.schedule.length);
  assert(acts.length > 1);
  assert(lines.some((line) => line.includes('"seed": "1"')));
});

Deno.test("a case without faults, and one with a bound of operations, come back as they were", () => {
  const quiet = { ...withSchedule(file.case, []), mostOperations: 12, args: ["--strategy", "x"] };
  assertEquals(decodeCase(encodeCase({ case: quiet, failure: [] })), { case: quiet, failure: [] });
  assertEquals(quiet.options.nemesis, []);
});

Deno.test("what is no case is refused with the reason", () => {
  const edited = (edit: (value: Record<string, unknown>) => void) => {
    const value = JSON.parse(encodeCase(file));
    edit(value.case);
    return JSON.stringify(value);
  };
  const wrong: [string, string][] = [
    ["{", "not JSON"],
    ["{}", '"format"'],
    [edited((value) => delete value.bin), "case.bin must be a string"],
    [edited((value) => value.serialDelivery = 1), "case.serialDelivery must be a boolean"],
    [edited((value) => value.mostOperations = -1), "case.mostOperations"],
    [edited((value) => value.schedule = [{ at: 1, f: "start-flood" }]), "case.schedule: event 1"],
    [edited((value) => (value.options as { nodes: unknown }).nodes = []), "must name a node"],
    [edited((value) => (value.options as { workload: unknown }).workload = "x"), "no workload 'x'"],
    [
      edited((value) => (value.options as { topology: unknown }).topology = "x"),
      'unknown topology "x"',
    ],
  ];
  for (const [text, message] of wrong) assertThrows(() => decodeCase(text), CaseError, message);
});
