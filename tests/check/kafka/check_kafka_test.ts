import { assert, assertEquals } from "std/testing";
import { type AnomalyCase, checkKafka, type KafkaOptions } from "../../../lib/check/kafka/mod.ts";
import { anomalyTable } from "./anomaly_table.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

for (const { name, history, errors, valid, options } of anomalyTable) {
  Deno.test(`${name}: ${Object.keys(errors).length === 0 ? "no anomaly" : "found"}`, () => {
    const verdict = checkKafka(parseLogHistory(history), options);
    assertEquals(verdict["error-types"], Object.keys(errors).sort());
    assertEquals(verdict["valid?"], valid ?? Object.keys(errors).length === 0);
    for (const [type, count] of Object.entries(errors)) {
      if (type === "unseen") continue;
      const found = verdict[type] as { count: number; errs: AnomalyCase[] };
      assertEquals(found.count, count, type);
      for (const { message } of found.errs) assert(message.length > 20, message);
    }
  });
}

Deno.test("a case holds the operations that prove it, as data and in a sentence", () => {
  const history = parseLogHistory(`
    0 send k:1@0
    0 send k:2@1
    0 send k:3@2
    1 poll k:1@0
    1 poll k:3@2
    2 poll k:2@1`);
  const { errs } = checkKafka(history)["poll-skip"] as { errs: AnomalyCase[] };
  const [{ message, ...data }] = errs as [AnomalyCase];
  assertEquals(data, { key: "k", delta: 2, skipped: [2], ops: [history[7], history[9]] });
  assertEquals(
    message,
    'process 1 polled 1 of key "k" (operation 7), then 3 (operation 9), skipping 2',
  );
});

Deno.test("concurrent operations are not ordered by time", () => {
  const history = parseLogHistory(`
    0 begin txn send j:1 poll
    1 begin send k:1
    0 end txn send j:1@0 poll k:1@0
    1 end send k:1@0
    2 poll j:1@0 k:1@0`);
  assertEquals(checkKafka(history)["error-types"], []);
});

Deno.test("a cycle leads through two operations, although one polls its own message", () => {
  const history = parseLogHistory(`
    0 begin txn send k:1 poll
    1 begin txn send j:1 poll
    0 end txn send k:1@0 poll k:1@0 j:1@0
    1 end txn send j:1@0 poll k:1@0`);
  const { errs } = checkKafka(history)["G1c"] as { errs: { steps: unknown[] }[] };
  assertEquals(errs.map(({ steps }) => steps), [[
    { type: "wr", key: "k", value: 1 },
    { type: "wr", key: "j", value: 1 },
  ]]);
});

Deno.test("a poll of another process's concurrent send is a dependency, one of an own send is not", () => {
  const types = (polled: string) =>
    checkKafka(parseLogHistory(`
      0 begin txn send k:1 poll
      1 begin poll
      0 end txn send k:1@0 poll k:1@0
      1 end poll ${polled}`))["error-types"];
  assertEquals(types("").includes("empty-transaction-graph"), true);
  assertEquals(types("k:1@0").includes("empty-transaction-graph"), false);
});

Deno.test("a key of which a poll listed only negative offsets has no polled message", () => {
  const verdict = (offset: number) =>
    checkKafka(parseLogHistory(`
      0 send k:1@${offset}
      1 poll k:1@${offset}`))["maelstrom-valid?"];
  assertEquals([verdict(-1), verdict(0)], ["unknown", undefined]);
});

Deno.test("a message that comes again, and an earlier one, are described", () => {
  const messages = (text: string, type: string) => {
    const { errs } = checkKafka(parseLogHistory(text))[type] as { errs: AnomalyCase[] };
    return errs.map(({ message }) => message);
  };
  const sends = "0 send k:1@0\n0 send k:2@1\n";
  assertEquals(messages(`${sends}1 poll k:1@0 k:2@1\n1 poll k:2@1`, "nonmonotonic-poll"), [
    'process 1 polled 2 of key "k" (operation 5), then 2 (operation 7), which is the same message',
  ]);
  assertEquals(messages(`${sends}1 poll k:1@0 k:2@1\n1 poll k:1@0`, "nonmonotonic-poll"), [
    'process 1 polled 2 of key "k" (operation 5), then 1 (operation 7), which is earlier in the log',
  ]);
  assertEquals(messages(`${sends}1 poll k:2@1 k:1@0`, "int-nonmonotonic-poll"), [
    'operation 5 (poll of process 1) polled 1 directly after 2 of key "k", which is earlier in ' +
    "the log",
  ]);
  assertEquals(messages("0 send k:1@1\n0 send k:2@0\n1 poll k:2@0 k:1@1", "nonmonotonic-send"), [
    'process 0 sent 2 to key "k" (operation 3) after 1 (operation 1), but it is earlier in the log',
  ]);
});

Deno.test("a cycle is described step by step; successive realtime edges are merged", () => {
  const history = parseLogHistory(`
    1 poll k:1@0
    2 poll
    0 send k:1@0`);
  const { errs } = checkKafka(history)["G1c-realtime"] as { errs: AnomalyCase[] };
  assertEquals(
    errs[0]?.message,
    'a cycle: operation 5 (send of process 0) sent 1 to "k", which operation 1 (poll of process 1) ' +
      "polled; operation 1 (poll of process 1) completed before operation 5 (send of process 0) " +
      "was invoked",
  );
});

Deno.test("at most 32 duplicates are listed unless allErrors is set; all are counted", () => {
  const messages = Array.from({ length: 60 }, (_, message) => message);
  const sends = messages.map((message) => `0 send k:${message}@${message}`);
  const polls = messages.slice(0, 40).map((message) => `${message + 1} poll k:${message}@0`);
  const history = parseLogHistory([...sends, ...polls].join("\n"));
  const count = (options: KafkaOptions) => {
    const found = checkKafka(history, options)["duplicate"] as { count: number; errs: unknown[] };
    return [found.count, found.errs.length];
  };
  assertEquals(count({}), [39, 32]);
  assertEquals(count({ allErrors: true }), [39, 39]);
});

Deno.test("realtime edges are also merged after data edges, and a cycle ends where it began", () => {
  const history = parseLogHistory(`
    1 txn send j:1@0 poll k:1@0
    2 txn send i:1@0 poll j:1@0
    3 poll i:1@0
    4 poll
    0 send k:1@0`);
  const verdict = checkKafka(history);
  const { errs: [found] } = verdict["G1c-realtime"] as { errs: AnomalyCase[] };
  assertEquals(found?.steps, [
    { type: "wr", key: "j", value: 1 },
    { type: "wr", key: "i", value: 1 },
    { type: "realtime", "a'": history[5], b: history[8] },
    { type: "wr", key: "k", value: 1 },
  ]);
  assertEquals(found?.cycle, [1, 3, 5, 9, 1].map((index) => history[index]));
  const { errs } = verdict["strong-PL-2-cycle-exists"] as { errs: AnomalyCase[] };
  assertEquals(errs, [{
    type: "strong-PL-2-cycle-exists",
    not: "strong-read-committed",
    subgraph: ["union", "ww", "wr", "realtime"],
    "scc-size": 5,
    scc: [1, 3, 5, 7, 9],
    message: "5 operations form a strongly connected component of ww, wr, realtime edges, " +
      "which violates strong-read-committed",
  }]);
});

const sends = Array.from({ length: 60 }, (_, message) => `0 send k:${message}@${message}`);
const lines = (count: number, lineOf: (number: number) => string) =>
  [...sends, ...Array.from({ length: count }, (_, index) => lineOf((7 * index + 3) % count + 1))]
    .join("\n");
const jump = (from: number, by: number) => {
  const poll = (message: number) => `k:${message}@${message}`;
  return [`${poll(from)}`, `${poll(from + by)}`] as const;
};
const selections: readonly [type: string, history: string, of: string, listed: unknown[]][] = [
  [
    "poll-skip",
    lines(9, (n) => jump(0, n + 1).map((entry) => `${n} poll ${entry}`).join("\n")),
    "delta",
    [3, 4, 5, 6, 7, 8, 9, 10],
  ],
  [
    "int-poll-skip",
    lines(9, (n) => `${n} poll ${jump(0, n + 1).join(" ")}`),
    "delta",
    [3, 4, 5, 6, 7, 8, 9, 10],
  ],
  [
    "nonmonotonic-poll",
    lines(9, (n) => jump(20, -n).map((entry) => `${n} poll ${entry}`).join("\n")),
    "delta",
    [-9, -8, -7, -6, -5, -4, -3, -2],
  ],
  [
    "int-nonmonotonic-poll",
    lines(9, (n) => `${n} poll ${jump(20, -n).join(" ")}`),
    "delta",
    [-9, -8, -7, -6, -5, -4, -3, -2],
  ],
  [
    "G1c",
    lines(9, (n) =>
      [
        `1 begin txn send a${n}:1 poll`,
        `2 begin txn send b${n}:1 poll`,
        `1 end txn send a${n}:1@0 poll b${n}:1@0`,
        `2 end txn send b${n}:1@0 poll a${n}:1@0`,
      ].join("\n")),
    "type",
    Array(8).fill("G1c"),
  ],
  [
    "inconsistent-offsets",
    lines(40, (n) => `${n} poll k:${100 + n}@${n}`),
    "offset",
    Array.from({ length: 32 }, (_, index) => index + 1),
  ],
];
for (const [type, history, field, listed] of selections) {
  Deno.test(`of many cases of ${type}, the worst are listed`, () => {
    const found = checkKafka(parseLogHistory(history))[type] as {
      count: number;
      errs: AnomalyCase[];
    };
    assertEquals(found.count > listed.length, true);
    assertEquals(found.errs.map((anomaly) => anomaly[field]), listed);
  });
}

Deno.test("info-txn-causes lists each distinct error of indeterminate operations once", () => {
  const history = parseLogHistory(`
      0 send k:1 ?
      1 send k:2 ?
      2 poll ?
      3 poll k:1@0
      4 crash`)
    .map((operation) =>
      operation.f === "send" && operation.type === "info"
        ? { ...operation, error: ["timeout", "too late"] }
        : operation
    );
  assertEquals(checkKafka(history)["info-txn-causes"], [["timeout", "too late"], null]);
});

Deno.test("a key listed without entries is checked, although Maelstrom's checker throws", () => {
  const verdict = checkKafka(parseLogHistory(`
    0 send k:1@0
    1 poll k:`));
  assertEquals(verdict["maelstrom-valid?"], "unknown");
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["bad-error-types"], ["unseen"]);
});
