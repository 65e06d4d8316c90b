/**
 * The words that comments, texts and names must not contain, each with the field's word. See
 * `docs/GLOSSARY.md`, section "One name, one thing".
 *
 * A rule is only worth having if it never reports plain technical English, so ambiguous words such
 * as "tell" or "offer" have no rule.
 *
 * @module
 */

import type { Violation } from "./tidy_rules.ts";

/** A pattern of home-made words, and what to write instead. */
interface WordRule {
  readonly pattern: RegExp;
  readonly write: string;
  /** The files to which the rule applies; all by default. */
  readonly paths?: RegExp;
}

/** Files that must contain the words: the rules themselves and their tests. */
const EXEMPT_FILES: ReadonlySet<string> = new Set([
  "tasks/cli/word_rules.ts",
  "tests/tasks/word_rules_test.ts",
]);

/** The section of the glossary that lists the words; it is the last one. */
const GLOSSARY_LIST = "\n## One name, one thing\n";

/** Matches words in texts and in names of any style: `life`, `formerLife`, `LIFE_MS`. */
function word(...words: readonly string[]): RegExp {
  const alternatives = words.flatMap((word) => [
    `(?<![A-Za-z])${word}(?![a-z])`,
    `${word.slice(0, 1).toUpperCase()}${word.slice(1)}(?![a-z])`,
    `(?<![A-Z])${word.toUpperCase()}(?![A-Z])`,
  ]);
  return new RegExp(alternatives.join("|"), "g");
}

/** Words after which "is no" or "is none" is plain English, such as "is no longer". */
const PLAIN_AFTER_NO = [
  ...["longer", "more", "less", "later", "earlier", "fewer", "greater", "higher", "lower"],
  ...["other", "such", "of"],
];

const RULES: readonly WordRule[] = [
  { pattern: word("lives"), write: "incarnation; of a place: is in" },
  {
    pattern: /(?<![A-Za-z])life(?![a-z]| +cycle)|Life(?![a-z]|Cycle)|(?<![A-Z])LIFE(?![A-Z])/g,
    write: "incarnation",
  },
  { pattern: word("whom"), write: "the actor's name: peer, receiver, client" },
  {
    pattern: word("nobody", "somebody", "everybody", "anybody", "whoever"),
    write: "the actor's name: no node, a client, any peer",
  },
  { pattern: /\b(?:he|him|his|himself)\b/gi, write: "the actor's name, or it" },
  { pattern: /\bso +(?:many|long|often|few|seldom)\b/gi, write: "a number, N, or as long as" },
  {
    pattern: new RegExp(
      `(?<!\\bthere +)\\b(?:is|are|was|were) +no(?:ne)?\\b(?! +(?:${PLAIN_AFTER_NO.join("|")})\\b)`,
      "gi",
    ),
    write: "not a, invalid, without",
  },
  { pattern: /\bof +late(?=[,.](?: |$))/gi, write: "recently" },
  { pattern: word("lately"), write: "recently" },
  { pattern: /\bfor +ever\b/gi, write: "forever, indefinitely" },
  { pattern: /\bfor +good\b(?! +reason)/gi, write: "permanently" },
  {
    pattern: /(?<!\b(?:aim|goal|idea|point|purpose|task) +)\b(?:is|are|was|were) +to +be\b/gi,
    write: "must be, will be",
  },
  {
    pattern: /\b(?:is|are|was|were|be|been|being) +told\b/gi,
    write: "receives; of values: distinguished",
  },
  { pattern: word("hear", "hears", "heard"), write: "receive" },
  { pattern: word("heed", "heeds", "heeded", "minds", "minded"), write: "depend on, require" },
  { pattern: word("news"), write: "update, new entries, delta" },
  { pattern: word("hurry"), write: "immediate ack" },
  { pattern: word("patience"), write: "retransmission timeout" },
  { pattern: word("claimant", "claimants"), write: "candidate, rival" },
  { pattern: /\bcuts? +off\b|\bcut-off\b/gi, write: "partitioned, isolated; of texts: truncated" },
  { pattern: /\bwhole +links\b/gi, write: "healthy network" },
  { pattern: word("weather"), write: "network conditions" },
  { pattern: word("rubbish"), write: "malformed output, invalid input" },
  {
    // These are also keys of result files, which keep their names.
    pattern: /(?<![-"'`])\b(?:strangers?|flicker(?:s|ed|ing)?)\b(?![-:"'`(\]])/gi,
    write: "phantom element, non-monotonic read",
  },
  { pattern: /\bput(?:s|ting)? +away\b/gi, write: "compact, store" },
  { pattern: /\b(?:comes?|came) +of +(?:it|this|that|them)\b/gi, write: "result" },
  {
    pattern: /\bambient +calls?\b|\b[a-z]\w*Ambient\w*|\bAmbient[A-Z]\w*/g,
    write: "non-deterministic call",
  },
  { pattern: word("dear", "dearer"), write: "expensive" },
  {
    pattern: /\b(?:MOST|LEAST|LONGEST|SHORTEST|FEWEST)_(?!RECENT|UPPER|COMMON|PATH)[A-Z_]+/g,
    write: "MAX_… or MIN_…, with the unit last",
  },
  { pattern: /\b[A-Z_]+_(?:MOST|LEAST|LONGEST|FEWEST)\b/g, write: "MAX_… or MIN_…" },
  {
    pattern: /\b[a-z]\w*(?<![aA]t)(?:Most|Least|Longest|Fewest)\b/g,
    write: "max… or min…, with the unit last",
  },
  { pattern: /"[a-z-]+-(?:most|least|longest)"/g, write: "a flag's name with max or min" },
  {
    pattern: /(?<=\bDeno\.test\([ \n]*["`])(?:who|what|whose)\b/g,
    write: "the actor first, then its behaviour",
    paths: /^tests\//,
  },
  {
    pattern:
      /\w*(?:[tT]imeout|[iI]nterval|[dD]elay|[lL]atency|[dD]uration|[tT]imeLimit)\??: +number\b/g,
    write: "the unit in the name: …Ms, …Seconds",
    paths: /^(?:lib|nodes)\//,
  },
  { pattern: /\btimeLimit\b/g, write: "the unit in the name: timeLimitSeconds" },
  {
    pattern: /\b(?!\w*_PER_)[A-Z_]*(?:TIMEOUT|INTERVAL|DELAY|LATENCY|DURATION) = (?=[\d.])/g,
    write: "the unit in the name: …_MS, …_SECONDS",
    paths: /^(?:lib|nodes)\//,
  },
];

/** Returns the home-made words in a file, with what to write instead. */
export function findWordViolations(path: string, text: string): Violation[] {
  if (EXEMPT_FILES.has(path)) return [];
  const checked = path === "docs/GLOSSARY.md" ? text.split(GLOSSARY_LIST)[0] ?? "" : text;
  const joined = joinLines(checked);
  const violations = RULES.flatMap(({ pattern, write, paths }) =>
    paths !== undefined && !paths.test(path) ? [] : [...joined.matchAll(pattern)].map((match) => ({
      path,
      line: checked.slice(0, match.index).split("\n").length,
      problem: `found "${match[0].replace(/ +/g, " ")}"; write ${write}`,
    }))
  );
  return violations.sort((a, b) => a.line - b.line);
}

/** Joins a text's lines with spaces, keeping all positions, so that phrases match across lines. */
function joinLines(text: string): string {
  return text.replace(/\n[ \t]*(?:\*(?!\/)|\/\/)?/g, (lineBreak) => " ".repeat(lineBreak.length));
}
