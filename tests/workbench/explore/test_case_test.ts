import { assert, assertEquals, assertThrows } from "std/testing";
import { generateCase } from "../../../lib/workbench/explore/swarm.ts";
import {
  CaseError,
  decodeCase,
  encodeCase,
  withSchedule,
} from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT } from "./planted.ts";

const file = { case: generateCase(CORRECT.config, "1"), failure: ["workload: lost"] };

Deno.test("encodeCase writes one event of the nemesis per line", () => {
  const lines = encodeCase(file).split("\n");
  const events = lines.filter((line) => line.includes('"f":"st'));
  assertEquals(events.length, file.case.schedule.length);
  assert(events.length > 1);
  assert(lines.some((line) => line.includes('"seed": "1"')));
});

Deno.test("a case file has a field per line, indented, and reads as JSON", () => {
  const { bin, args, serialDelivery } = file.case;
  const { options } = withSchedule(file.case, []);
  const event = (at: number) => ({ at, f: "stop-loss", value: null, plan: null });
  const withEvents = (...schedule: ReturnType<typeof event>[]) =>
    encodeCase({ case: { bin, args, options, schedule, serialDelivery }, failure: ["a", "b"] });
  const lines = withEvents(event(1), event(2)).split("\n");
  assertEquals(lines.slice(0, 7), [
    "{",
    '  "format": "maelstrom-case-2",',
    '  "failure": [',
    '    "a",',
    '    "b"',
    "  ],",
    '  "case": {',
  ]);
  const at = lines.findIndex((line) => line.includes("schedule"));
  assertEquals(lines.slice(at), [
    '    "schedule": [',
    '      {"at":1,"f":"stop-loss","value":null,"plan":null},',
    '      {"at":2,"f":"stop-loss","value":null,"plan":null}',
    "    ]",
    "  }",
    "}",
    "",
  ]);
  assert(withEvents().includes('\n    "schedule": []\n'));
});

Deno.test("a case without faults and with a limit on operations survives a round trip", () => {
  const faultless = {
    ...withSchedule(file.case, []),
    mostOperations: 12,
    args: ["--strategy", "x"],
  };
  assertEquals(decodeCase(encodeCase({ case: faultless, failure: [] })), {
    case: faultless,
    failure: [],
  });
  assertEquals(faultless.options.nemesis, []);
});

Deno.test("decodeCase rejects an invalid case file and gives the reason", () => {
  const edited = (edit: (value: Record<string, unknown>) => void) => {
    const value = JSON.parse(encodeCase(file));
    edit(value.case);
    return JSON.stringify(value);
  };
  const invalid: [string, string][] = [
    ["{", "not valid JSON"],
    ["{}", '"format"'],
    ['{"format": "maelstrom-case-1"}', 'expected "maelstrom-case-2"; find the case again'],
    ['{"format": "maelstrom-case-2"}', "case must be an object, but is missing"],
    [edited((value) => delete value.options), "case.options must be an object, but is missing"],
    [edited((value) => delete value.bin), "case.bin must be a string"],
    [edited((value) => value.serialDelivery = 1), "case.serialDelivery must be a boolean"],
    [edited((value) => value.mostOperations = -1), "case.mostOperations"],
    [edited((value) => value.schedule = [{ at: 1, f: "start-flood" }]), "case.schedule: event 1"],
    [
      edited((value) => (value.options as { nodes: unknown }).nodes = []),
      "case.options: nodes must have at least one id",
    ],
    [
      edited((value) => (value.options as { workload: unknown }).workload = "x"),
      'unknown workload "x"; choose one of echo',
    ],
    [
      edited((value) => (value.options as { topology: unknown }).topology = "x"),
      'unknown topology "x"',
    ],
  ];
  for (const [text, message] of invalid) assertThrows(() => decodeCase(text), CaseError, message);
});
