import { assertEquals, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { MalformedHistoryError } from "../../../lib/history/mod.ts";
import { readRun } from "../../../tasks/cli/recorded_run.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";

type Files = Readonly<Record<string, string>>;

function inRun(files: Files, test: (folder: string) => void): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    test(folder);
  });
}

const history = `{"index":0,"time":1,"type":"invoke","process":0,"f":"echo","value":"a"}\n`;
const options = {
  workload: "echo",
  nodes: ["n0"],
  concurrency: 2,
  consistencyModels: ["serializable"],
  availability: "total",
};
const test = JSON.stringify({ options, engine: "process" });
const sent = `{"type":"send","time":0,"id":0,"src":"c0","dest":"n0","body":{}}\n`;

function read(folder: string) {
  const { flags, journal, history } = readRun(folder, {});
  return { flags, history: history.length, journal: journal && [...journal].length };
}

Deno.test("readRun reads the options and the journal of a built-in engine's run", async () => {
  await inRun({ "history.jsonl": history, "test.json": test, "messages.jsonl": sent }, (folder) => {
    assertEquals(read(folder), {
      flags: {
        workload: "echo",
        nodes: ["n0"],
        concurrency: "2",
        "consistency-models": ["serializable"],
        availability: "total",
      },
      history: 1,
      journal: 1,
    });
  });
});

Deno.test("readRun reads the command line in the real Maelstrom's log", async () => {
  const files = {
    "history.edn": "{:index 0, :time 1, :type :invoke, :process 0, :f :read, :value nil}\n",
    "jepsen.log": "2026-01-01 INFO [main] jepsen.cli: Test options:\n{}\n" +
      "2026-01-01 INFO [main] jepsen.core: Command line:\n" +
      String.raw`lein run test -w g-set --bin "my \"node\" \$1" --node-count 3 -- "a b"` + "\n",
  };
  await inRun(files, (folder) => {
    const { flags } = read(folder);
    assertEquals([flags.workload, flags["node-count"], flags.bin], ["g-set", 3, `my "node" $1`]);
  });
});

const damaged: readonly (readonly [string, Files, RegExp])[] = [
  ["a truncated test.json", { "test.json": "{\n" }, /test\.json, line 2: /],
  ["a test.json without options", { "test.json": "{}" }, /test\.json, line 1: it\.options/],
  [
    "a test.json of an unknown workload",
    { "test.json": test.replace("echo", "gossip") },
    /test\.json, line 1: it\.options\.workload must be .*"echo"/,
  ],
  ["a malformed options.json", { "options.json": "[" }, /options\.json, line 1: /],
  ["a truncated journal", { "messages.jsonl": sent + '{"ty' }, /messages\.jsonl, line 2: /],
  [
    "an event that is not an object",
    { "messages.jsonl": `${sent}null\n` },
    /line 2: the event must be/,
  ],
  [
    "an event of an unknown type",
    { "messages.jsonl": sent.replace("send", "x") },
    /the event\.type/,
  ],
  [
    "an event with an impossible id",
    { "messages.jsonl": sent.replace('"id":0', '"id":9007199254740991') },
    /line 1: the event\.id must be below 1, .* got 9007199254740991/,
  ],
];

for (const [name, files, message] of damaged) {
  Deno.test(`readRun rejects ${name} with file and line`, async () => {
    const run = "options.json" in files ? {} : { "test.json": test };
    await inRun({ "history.jsonl": history, ...run, ...files }, (folder) => {
      const error = assertThrows(() => read(folder), MalformedHistoryError);
      assertEquals(message.test(error.message), true, error.message);
    });
  });
}

Deno.test("readRun rejects a path that is not the folder of a run", async () => {
  await inRun({ "test.json": test }, (folder) => {
    assertThrows(() => read(folder), UsageError, "neither history.jsonl nor history.edn");
    assertThrows(() => read(`${folder}/missing`), UsageError, "folder not found");
    assertThrows(() => read(`${folder}/test.json`), UsageError, "is not a folder");
  });
  await inRun({ "history.jsonl": history }, (folder) => {
    assertThrows(() => read(folder), UsageError, "--workload NAME");
  });
});
