import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "std/testing";
import { gzipSync } from "node:zlib";
import {
  claimKey,
  decodeItem,
  decodeMessage,
  decodeSpec,
  encodeItem,
  encodeMessage,
  encodeSpec,
  jobId,
  type JobSpec,
  MalformedError,
  modulePathProblem,
  rangesOf,
  seedsOfRange,
} from "../../../tasks/fleet/job.ts";
import { reportOf, SETUP } from "../explore/reports.ts";

const SPEC: JobSpec = {
  revision: { commit: "c0ffee", code: "1234", deno: "2.9.6" },
  setup: SETUP,
  from: 5,
  step: 2,
  count: 10,
  rangeSeeds: 4,
  shrinkRuns: 3,
};
const bytes = (text: string) => new TextEncoder().encode(text);

function error(decode: () => unknown): string {
  return assertThrows(decode, MalformedError).message;
}

Deno.test("ranges cover each seed of a job once, and no others", () => {
  const seeds = Array.from({ length: rangesOf(SPEC) }, (_, range) => seedsOfRange(SPEC, range))
    .flatMap(({ from, step, count }) => Array.from({ length: count }, (_, i) => from + step * i));
  assertEquals(seeds, [5, 7, 9, 11, 13, 15, 17, 19, 21, 23]);
  assertEquals(seedsOfRange(SPEC, 3).count, 0);
});

Deno.test("the same exploration has the same job and claims, another one has not", () => {
  assertEquals(jobId(SPEC), jobId({ ...SPEC }));
  assertNotEquals(jobId(SPEC), jobId({ ...SPEC, count: 11 }));
  const failure = ["workload: lost"];
  assertEquals(claimKey(SPEC, failure), claimKey({ ...SPEC, from: 9 }, failure));
  const revision = { ...SPEC.revision, code: "5" };
  assertNotEquals(claimKey(SPEC, failure), claimKey({ ...SPEC, revision }, failure));
  assertNotEquals(claimKey(SPEC, failure), claimKey(SPEC, ["crash: crashed"]));
});

Deno.test("only paths below the project's folder name modules", () => {
  for (const path of ["nodes/echo.ts", "a/b-c/d_e.f.wasm", "x.ts"]) {
    assertEquals(modulePathProblem(path), undefined, path);
  }
  const others = ["/etc/passwd", "../x.ts", "a/../../x.ts", "./x.ts", "a//b.ts", "", "C:\\x.ts"];
  const urls = [
    "https://example.org/x.ts",
    "data:text/javascript,1",
    "npm:x",
    "file:///x.ts",
    "a b",
  ];
  for (const path of [...others, ...urls]) {
    assert(modulePathProblem(path) !== undefined, path);
    const text = encodeSpec({ ...SPEC, setup: { ...SETUP, bin: path } });
    assertStringIncludes(error(() => decodeSpec(bytes(text))), "must be a path below the project");
  }
});

Deno.test("specifications, items and results are read as they were written", () => {
  assertEquals(decodeSpec(bytes(encodeSpec(SPEC))), SPEC);
  assertEquals(decodeItem(bytes(encodeItem(2)), SPEC), 2);
  const reports = [21, 23].map(reportOf);
  const result = { kind: "result", worker: "w", range: 2, reports } as const;
  assertEquals(decodeMessage(encodeMessage(result), SPEC), result);
  const coverage = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`nodes: situation ${index}`, 1]),
  );
  const long = { ...result, reports: reports.map((report) => ({ ...report, coverage })) };
  assert(encodeMessage(long).length < JSON.stringify(long).length / 2, "long results are packed");
  assertEquals(decodeMessage(encodeMessage(long), SPEC), long);
});

Deno.test("a specification, an item or a result that is not valid is rejected", () => {
  const spec = (changes: Partial<JobSpec>) => () =>
    decodeSpec(bytes(encodeSpec({ ...SPEC, ...changes })));
  assertStringIncludes(error(spec({ step: 0 })), "step must be from 1");
  assertStringIncludes(error(spec({ rangeSeeds: 1e6 })), "rangeSeeds from 1 to 1000");
  assertStringIncludes(error(spec({ count: Number.MAX_SAFE_INTEGER })), "too large");
  assertStringIncludes(error(() => decodeSpec(bytes("[]"))), '"format" must be');
  assertStringIncludes(error(() => decodeItem(bytes('{"range":3}'), SPEC)), "below 3, got 3");
  assertStringIncludes(error(() => decodeItem(bytes(" ".repeat(300)), SPEC)), "300 bytes");
  const result = (range: number, seeds: readonly number[]) => () =>
    decodeMessage(
      encodeMessage({ kind: "result", worker: "w", range, reports: seeds.map(reportOf) }),
      SPEC,
    );
  for (
    const [range, seeds] of [[2, [21]], [2, [23, 21]], [2, [21, 23, 25]], [1, [21, 23]], [
      9,
      [],
    ]] as const
  ) {
    assertStringIncludes(error(result(range, seeds)), `it has not the seeds of range ${range}`);
  }
  const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
  assertStringIncludes(error(() => decodeMessage(bomb, SPEC)), "it is not valid JSON");
  assertStringIncludes(
    error(() => decodeMessage(bytes("[".repeat(100_000)), SPEC)),
    "not valid JSON",
  );
});
