import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { palette } from "../../../lib/report/mod.ts";
import { mergeReports, type ReportFile } from "../../../tasks/explore/merge_reports.ts";
import { junitXml, markdownSummary, mergedTable } from "../../../tasks/explore/merged_text.ts";
import { encodeLine } from "../../../tasks/explore/report_lines.ts";
import { caseOf, linesOf } from "./reports.ts";

const plain = palette(false);

function shards(count: number, skip: readonly number[] = []): ReportFile[] {
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((index) =>
    skip.includes(index) ? [] : [{ name: `s${index}`, lines: linesOf({ index, count }) }]
  );
}

const whole = { name: "whole", lines: linesOf({ index: 1, count: 1 }) };

function error(files: readonly ReportFile[]): string {
  return assertThrows(() => mergeReports(files), UsageError).message;
}

Deno.test("16 merged shards equal one run of the same seeds, in any order of files", () => {
  const one = mergeReports([whole]);
  for (const files of [shards(16), shards(16).toReversed(), shards(3), shards(64)]) {
    const merged = mergeReports(files);
    assertEquals(merged.gaps, []);
    assertEquals(mergedTable(merged, plain), mergedTable(one, plain));
    assertEquals(junitXml(merged), junitXml(one));
    assertEquals(markdownSummary(merged), markdownSummary(one));
  }
});

Deno.test("the table has counts, failures with one shrunk case each, and coverage", () => {
  const table = mergedTable(mergeReports(shards(4)), plain);
  for (
    const part of [
      "echo with nodes/echo.ts --x: seeds 10 to 49",
      "40 seeds: 1180 operations, 2360 messages",
      "seed 14 and 2 more failed: workload: lost",
      "seed 21 and 2 more failed: crash: crashed",
      "4 unknown (neither valid nor invalid): seed 11, 22, 33, 44",
      "workload: lost: seed 14, ",
      "(14 runs)",
      "network: a message overtook another",
      "Coverage points that no seed reached:\n  loss: a message was lost",
    ]
  ) assertStringIncludes(table, part);
});

Deno.test("a time limit leaves seeds out, and the table says which", () => {
  const cut = (index: number, seeds: number) => ({
    name: `s${index}`,
    lines: linesOf({ index, count: 2 }, { seeds, end: "time limit" }),
  });
  const merged = mergeReports([cut(1, 10), cut(2, 4)]);
  assertEquals(merged.explored, "seeds 10 to 18, and 5 others up to 28");
  assertEquals(merged.gaps, []);
  assertEquals(mergeReports([cut(1, 0), cut(2, 0)]).explored, "no seeds");
  assertEquals(mergeReports([cut(1, 0), cut(2, 2)]).explored, "2 of the seeds 10 to 13");
});

Deno.test("reports of different explorations are rejected by what differs", () => {
  const other = (name: string, header: Parameters<typeof linesOf>[1]) => [
    { name: "a", lines: linesOf({ index: 1, count: 2 }) },
    { name, lines: linesOf({ index: 2, count: 2 }, header) },
  ];
  const revision = { commit: "c0ffee", code: "1234", deno: "2.9.6" };
  const setup = { workload: "echo", bin: "nodes/echo.ts", args: ["--x"], faults: ["loss"] };
  const changes = [
    ['commit "c0ffee" and "decaf"', { revision: { ...revision, commit: "decaf" } }],
    ['code "1234" and "5"', { revision: { ...revision, code: "5" } }],
    ['deno "2.9.6" and "3"', { revision: { ...revision, deno: "3" } }],
    ['workload "echo" and "g-set"', { setup: { ...setup, workload: "g-set", fixedOptions: {} } }],
    ["fixedOptions", { setup: { ...setup, fixedOptions: { ratePerSecond: 6 } } }],
    ["from 10 and 9", { from: 9 }],
    ["seeds 40 and null", { seeds: null }],
  ] as const;
  for (const [message, header] of changes) {
    assertStringIncludes(error(other("b", { header })), `a and b are reports of different`);
    assertStringIncludes(error(other("b", { header })), message);
  }
  const sizes = [...shards(2).slice(0, 1), ...shards(3).slice(1)];
  assertStringIncludes(error(sizes), "number of shards 2 and 3");
});

Deno.test("two reports of one shard are rejected", () => {
  const [one] = shards(2) as [ReportFile];
  assertEquals(
    error([one, { ...one, name: "again" }]),
    "s1 and again are both of shard 1/2; give one of them",
  );
});

Deno.test("missing and unfinished reports are gaps", () => {
  assertEquals(mergeReports(shards(4, [2])).gaps, ["no report of shard 2 of 4"]);
  assertEquals(mergeReports(shards(4, [2, 3])).gaps, ["no report of shards 2, 3 of 4"]);
  const lines = linesOf({ index: 1, count: 1 }, { seeds: 5 });
  const merge = (lines: readonly string[]) => mergeReports([{ name: "x", lines }]);
  assertEquals(merge(lines.slice(0, -1)).gaps, [
    "x (shard 1/1) has no end, so its job was killed: 5 seeds count",
  ]);
  const torn = [...lines.slice(0, 5), (lines[5] ?? "").slice(0, 30)];
  const merged = merge(torn);
  assertEquals(merged.gaps, ["x (shard 1/1) ends in the middle of a line: 4 seeds count"]);
  assertEquals(merged.exploration.totals.seeds, 4);
  const interrupted = linesOf({ index: 1, count: 1 }, { seeds: 5, end: "interrupted" });
  assertEquals(merge(interrupted).gaps, ["x (shard 1/1) was interrupted: 5 seeds count"]);
  const files = [{ name: "empty", lines: [] }, { name: "x", lines }];
  assertEquals(mergeReports(files).gaps, ["empty is empty: its job ended before it began"]);
});

Deno.test("a file that is not a report is rejected by its line", () => {
  const lines = linesOf({ index: 1, count: 1 });
  const merge = (...lines: readonly string[]) => error([{ name: "x", lines }]);
  const [header = "", first = "", second = ""] = lines;
  assertStringIncludes(merge("{}"), "x:1 is not a line of a report: the seed");
  assertStringIncludes(merge(header, '{"shrunk":[]}', first), "shrunk must be");
  assertStringIncludes(merge(header, '{"known":null}', first), "known must be");
  assertStringIncludes(merge(first, second), "x:1 must be the header of a report");
  assertStringIncludes(merge(header, "not JSON", first), "x:2 is not a line of a report");
  assertStringIncludes(
    merge(header, second, first),
    "x:2 must be the report of seed 10, got seed 11",
  );
  assertStringIncludes(
    merge(header, first, first),
    "x:3 must be the report of seed 11, got seed 10",
  );
  assertStringIncludes(merge(header, header), "x:2 is a second header");
  assertStringIncludes(merge(...lines, first), "follows the end of the report");
  assertStringIncludes(
    merge(header.replace("explore-report-1", "explore-report-9"), first),
    '"format" must be "explore-report-1"',
  );
  const failed = first.replace('"failure":[]', '"failure":["workload: lost"]');
  assertStringIncludes(merge(header, failed, second), "the seed.valid must be false, got true");
  assertStringIncludes(error([{ name: "empty", lines: [] }]), "all files are empty");
});

Deno.test("a known case counts once, and JUnit and Markdown have it", () => {
  const known = { failure: ["workload: lost"], seed: "7", found: ["workload: lost"] };
  const line = encodeLine({ kind: "known", known });
  const files = [1, 2].map((index) => {
    const [header = "", ...rest] = linesOf({ index, count: 2 });
    return { name: `s${index}`, lines: [header, line, ...rest] };
  });
  const merged = mergeReports(files);
  assertEquals(merged.known, [known]);
  assertStringIncludes(mergedTable(merged, plain), "seed 7 still fails: workload: lost");
  assertStringIncludes(junitXml(merged), 'name="known case, seed 7: workload: lost"');
  assertStringIncludes(markdownSummary(merged), "known case still fails");
});

Deno.test("JUnit escapes texts and counts failures and gaps", () => {
  const xml = junitXml(mergeReports(shards(4, [4])));
  assertStringIncludes(xml, '<testsuites name="explore" tests="3" failures="2" errors="1">');
  assertStringIncludes(xml, "workload: lost &lt;with&gt; | seed 14");
  assert(!xml.includes("<with>"));
  assertStringIncludes(xml, '<error message="no report of shard 4 of 4">');
});

Deno.test("Markdown escapes the texts of nodes", () => {
  const summary = markdownSummary(mergeReports([whole]));
  assertStringIncludes(summary, "workload: lost &lt;with> &#124; seed 14");
  assertStringIncludes(summary, "### Explore echo: failed");
});

Deno.test("the case of the lowest seed is kept for each failure", () => {
  const { shrunk } = mergeReports(shards(8));
  assertEquals(shrunk.get("workload: lost")?.shrunk, caseOf(14));
  assertEquals(shrunk.get("crash: crashed")?.seed, 21);
});
