import { assertEquals } from "std/testing";
import { findWordViolations } from "../../tasks/cli/word_rules.ts";

/** Returns the words that the rules find in a text of a file, which is in lib by default. */
function found(text: string, path = "lib/node/a.ts"): string[] {
  return findWordViolations(path, text).map(({ problem }) => /"(.*)"/.exec(problem)?.[1] ?? "");
}

/** Texts that must be reported, by the words that the report quotes. */
const REPORTED: readonly (readonly [words: string, text: string])[] = [
  ["life", "/** The node's former life. */"],
  ["Life", "const formerLife = 1;"],
  ["LIFE", "const NAME_OF_LIFE = 1;"],
  ["lives", "// two lives of a node"],
  ["whom", "// whom the hub cannot reach"],
  ["nobody", "// a message that nobody receives"],
  ["Whoever", " * Whoever asks for it, waits."],
  ["he", "// it counts whether he does"],
  ["so many", "// in so many milliseconds"],
  ["so long", "// a peer that is silent for so long"],
  ["is no", 'const text = "a line that is no JSON";'],
  ["are none", "// where links are none"],
  ["of late", "// whatever it has received of late."],
  ["lately", "// clients that asked lately"],
  ["for ever", "// retransmits for ever"],
  ["for good", "// closes it for good"],
  ["is to be", "// what is to be committed"],
  ["was told", "// a node loses what it was told"],
  ["are told", "// values are told apart by name"],
  ["heard", "// peers that it has heard of"],
  ["Heard", "interface HeardNote {}"],
  ["minded", "// a rejection that a node minded"],
  ["news", "// send the news to all peers"],
  ["News", "interface LatestNews {}"],
  ["hurry", "readonly hurry: boolean;"],
  ["PATIENCE", "const PATIENCE_MS = 900;"],
  ["claimants", "// claimants of the hub's place"],
  ["cut off", "// nodes that are cut off"],
  ["whole links", "// with whole links"],
  ["weather", "world.weather = {};"],
  ["rubbish", "// rubbish on stdout"],
  ["strangers", "// strangers in the set"],
  ["flickers", "// an element that flickers"],
  ["put away", "// writes that were put away"],
  ["comes of it", "// sends what comes of it"],
  ["calledAmbient", "calledAmbient(node);"],
  ["dear", "// few values are dear"],
  ["MOST_WAIT_MS", "const MOST_WAIT_MS = 1000;"],
  ["SUPERSEDED_MOST", "const SUPERSEDED_MOST = 1000;"],
  ["retryMost", "readonly retryMost: number;"],
  ['"retry-most"', 'given["retry-most"]'],
  ["readTimeout: number", "readonly readTimeout: number;"],
  ["latency?: number", "readonly latency?: number;"],
  ["timeLimit", "const { timeLimit } = options;"],
  ["CALL_TIMEOUT = ", "const CALL_TIMEOUT = 3000;"],
];

/** Plain technical English and allowed names. */
const ACCEPTED: readonly string[] = [
  "// The literal is alive; a live node has a lifetime, a life cycle and a lifeline: NodeLifeCycle.",
  "// The request is no longer pending, and is no more than 5 bytes.",
  "// The text is none of JSON's constants.",
  "// There is no such key, and there are no keys at all.",
  "// So far the batch is so large that it is split.",
  "for (const message of late) receive(message);",
  "// the number of late messages",
  "// Late messages are kept for good reason.",
  "// The aim is to be fast.",
  "// The former leader steps down; the latter takes over.",
  "// The flag tells whether a node replies, and keep in mind that it may not.",
  "// the cutoff; the length is cut in half",
  '"stranger-count": 1, strangers: [9], "flickering": [1], flickering: [3],',
  "// Ambient declarations of a module are allowed.",
  "const MAX_WAIT_MS = 1000, MIN_RUNS = 1, MOST_RECENT = 2, LONGEST_PATH = 3;",
  "atMost(1); const isAtLeast = true; longestPathLengths(graph); mostRecent();",
  "readonly readTimeoutMs: number; readonly latency: Latency; intervalMs?: number;",
  "const timeLimitSeconds = 1; const CALL_TIMEOUT_MS = 3000; const DELAY = choose();",
  "const TICKS_PER_INTERVAL = 4;",
  "// the header of a message, the cache, these shared heaps",
];

Deno.test("findWordViolations reports each home-made word, and only that", () => {
  for (const [words, text] of REPORTED) {
    assertEquals(
      found(text).map((quoted) => JSON.stringify(quoted)),
      [JSON.stringify(words)],
      text,
    );
  }
});

Deno.test("findWordViolations accepts plain technical English", () => {
  for (const text of ACCEPTED) assertEquals(found(text), [], text);
});

Deno.test("findWordViolations says where the word is and what to write instead", () => {
  assertEquals(findWordViolations("nodes/a.ts", "const a = 1;\n// send the news\n"), [
    { path: "nodes/a.ts", line: 2, problem: 'found "news"; write update, new entries, delta' },
  ]);
});

Deno.test("findWordViolations finds phrases that continue on the next line", () => {
  const text =
    "/**\n * Sends the entry, but so\n * many times that a line\n * that is no\n * JSON.\n */";
  assertEquals(findWordViolations("lib/a.ts", text).map(({ line }) => line), [2, 4]);
});

Deno.test("findWordViolations reports a test's name that begins without its actor", () => {
  const test = 'Deno.test("what was sent is received", () => {});\nDeno.test(\n  "who sends", f);';
  assertEquals(found(test, "tests/a_test.ts"), ["what", "who"]);
  assertEquals(found('Deno.test("a sender waits", f);', "tests/a_test.ts"), []);
});

Deno.test("findWordViolations requires units in lib and nodes only", () => {
  assertEquals(found("readonly interval: number;", "nodes/a.ts"), ["interval: number"]);
  assertEquals(found("readonly interval: number;", "tests/a.ts"), []);
});

Deno.test("findWordViolations exempts the glossary's list of words, not its definitions", () => {
  const glossary =
    "- **incarnation**: a life\n\n## One name, one thing\n\n| incarnation | life |\n";
  assertEquals(found(glossary, "docs/GLOSSARY.md"), ["life"]);
  assertEquals(found(glossary, "docs/OTHER.md"), ["life", "life"]);
  assertEquals(found("// life", "tasks/cli/word_rules.ts"), []);
});
