import { assert, assertEquals } from "std/testing";
import { DEFAULT_INTERVAL_MS } from "../lib/protocol/broadcast/mod.ts";
import broadcast from "../nodes/broadcast.ts";
import gCounter from "../nodes/g_counter.ts";
import gSet from "../nodes/g_set.ts";
import kafka from "../nodes/kafka.ts";
import linKv from "../nodes/lin_kv.ts";
import pnCounter from "../nodes/pn_counter.ts";
import txnListAppend from "../nodes/txn_list_append.ts";
import txnRwRegister from "../nodes/txn_rw_register.ts";
import uniqueIds from "../nodes/unique_ids.ts";
import type { FlagTable } from "../lib/base/mod.ts";
import * as contract from "../lib/contract/mod.ts";
import type { Endpoint } from "../lib/contract/mod.ts";
import { ErrorCode, RpcError } from "../lib/wire/mod.ts";
import { FAULT_NAMES } from "../lib/workbench/fault/mod.ts";
import { ExitCode } from "../tasks/cli/exit_code.ts";
import { findWordViolations } from "../tasks/cli/word_rules.ts";
import { commandProblem } from "./support/document_commands.ts";
import { commandsOf, deadLinks, readDocuments } from "./support/documents.ts";

/** The programs by the title of their section in docs/MEASUREMENTS.md. */
const PROGRAMS: Readonly<Record<string, readonly { readonly flags?: FlagTable }[]>> = {
  "broadcast": [broadcast],
  "g_set, g_counter, pn_counter": [gSet, gCounter, pnCounter],
  "kafka": [kafka],
  "txn_rw_register": [txnRwRegister],
  "txn_list_append": [txnListAppend],
  "lin_kv": [linKv],
  "unique_ids": [uniqueIds],
};

Deno.test("docs/MEASUREMENTS.md lists flags with the defaults of the nodes", () => {
  const sections = Deno.readTextFileSync("docs/MEASUREMENTS.md").split("\n## ").slice(1);
  for (const [title, programs] of Object.entries(PROGRAMS)) {
    const section = sections.find((section) => section.startsWith(`${title}\n`));
    assert(section !== undefined, `no section ${title}`);
    const rows = [...section.matchAll(/^\| `--([a-z-]+)` \| (\d+) \|/gm)];
    assert(rows.length > 0, `no flags in section ${title}`);
    for (const [, name, value] of rows) {
      const flag = programs.map(({ flags = {} }) => flags[name ?? ""]).find((flag) => flag);
      assertEquals(flag?.default, Number(value), `${title}: --${name}`);
    }
  }
});

Deno.test("docs/MEASUREMENTS.md lists each numeric flag of the nodes", () => {
  const text = Deno.readTextFileSync("docs/MEASUREMENTS.md");
  for (const programs of Object.values(PROGRAMS)) {
    for (const [name, flag] of programs.flatMap(({ flags = {} }) => Object.entries(flags))) {
      if (typeof flag.default === "number" && flag.default > 0) {
        assert(text.includes(`| \`--${name}\` | ${flag.default} |`), `--${name} ${flag.default}`);
      }
    }
  }
  for (const [strategy, intervalMs] of Object.entries(DEFAULT_INTERVAL_MS)) {
    assert(text.includes(`| \`--interval\` (${strategy}) | ${intervalMs} |`), strategy);
  }
});

Deno.test("docs/GLOSSARY.md defines each term once, in 25 words or fewer, with a source", () => {
  const text = Deno.readTextFileSync("docs/GLOSSARY.md").split("\n## One name, one thing\n")[0] ??
    "";
  const lines = text.split("\n").filter((line) => line.startsWith("- **"));
  assert(lines.length > 100);
  for (const line of lines) {
    const definition = /^- \*\*[^*]+\*\*(.*) \(.+\)/.exec(line)?.[1] ?? "";
    const words = definition.split(/\s+/).filter((word) => /\w/.test(word));
    assert(words.length > 0 && words.length <= 25, `${words.length} words: ${line}`);
  }
  const terms = lines.flatMap((line) => /\*\*([^*]+)\*\*/.exec(line)?.[1]?.split(", ") ?? []);
  const repeated = terms.filter((term, index) => terms.indexOf(term) !== index);
  assertEquals(repeated, []);
});

Deno.test("docs/GLOSSARY.md lists each cited publication under Sources", () => {
  const [terms = "", sources = ""] = Deno.readTextFileSync("docs/GLOSSARY.md").split(
    "\n## Sources\n",
  );
  const citations = [...terms.matchAll(/[A-Z][\p{L}'-]+(?: & [A-Z]\p{L}+| et al\.)? \d{4}/gu)];
  assert(citations.length > 50);
  for (const [citation] of citations) assert(sources.includes(`- ${citation}: `), citation);
});

Deno.test("each relative link of a document has a target", () => {
  for (const document of readDocuments()) assertEquals(deadLinks(document), [], document.path);
});

Deno.test("deadLinks finds a missing file, a missing heading, and none in code", () => {
  const links =
    "[a](GLOSSARY.md) [b](gone.md) [c](#here) [d](#gone) [e](GLOSSARY.md#gone) `[f](g)`";
  assertEquals(deadLinks({ path: "docs/x.md", text: `# Here\n${links}` }), [
    "gone.md",
    "#gone",
    "GLOSSARY.md#gone",
  ]);
});

Deno.test("each task in a document exists and has the flags that are shown", async () => {
  const flags = new Map<string, Promise<ReadonlySet<string>>>();
  for (const document of readDocuments()) {
    for (const command of commandsOf(document)) {
      assertEquals(await commandProblem(command, flags), undefined, document.path);
    }
  }
  assert(flags.size > 5);
});

Deno.test("commandProblem finds an unknown task and an unknown flag", async () => {
  const flags = new Map<string, Promise<ReadonlySet<string>>>();
  const text =
    "`deno task tset` `deno task explore echo --sedes 3 -- --own` `deno task explore echo`";
  const problems = commandsOf({ path: "x.md", text }).map((command) =>
    commandProblem(command, flags)
  );
  assertEquals(await Promise.all(problems), [
    "deno.json has no task tset",
    "deno task explore has no --sedes",
    undefined,
  ]);
});

Deno.test("the words of the documents beside the README are those of the glossary", () => {
  for (const { path, text } of readDocuments()) {
    assertEquals(findWordViolations(path, text), [], path);
  }
});

Deno.test("the README has at most 150 lines", () => {
  assert(Deno.readTextFileSync("README.md").split("\n").length <= 151);
});

Deno.test("docs/README.md links to each page of docs/", () => {
  const index = Deno.readTextFileSync("docs/README.md");
  for (const { name } of Deno.readDirSync("docs")) {
    if (name.endsWith(".md") && name !== "README.md") assert(index.includes(`(${name})`), name);
  }
});

Deno.test("docs/nodes.md lists each request of the contracts with its fields", () => {
  let workload = "";
  const rows = new Map<string, string>();
  for (const line of Deno.readTextFileSync("docs/nodes.md").split("\n")) {
    const [, name = "", type = ""] = line.split("|").map((cell) => cell.replaceAll("`", "").trim());
    if (name !== "") workload = name;
    rows.set(`${workload} ${type}`, line);
  }
  const contracts = Object.entries(contract).flatMap(([key, value]) =>
    typeof value === "object" ? [[key, value] as const] : []
  );
  assertEquals(contracts.length, 11);
  for (const [key, endpoints] of contracts) {
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const { type, request, reply } of Object.values<Endpoint>(endpoints)) {
      const row = rows.get(`${name} ${type}`);
      for (const field of [...Object.keys(request), ...Object.keys(reply)]) {
        assert(row?.includes(`\`${field}\``), `${name}: ${type}: ${field}`);
      }
    }
  }
});

Deno.test("docs/nodes.md lists the strategies of each node, the default first", () => {
  const text = Deno.readTextFileSync("docs/nodes.md");
  const nodes = Object.entries(PROGRAMS).flatMap(([title, programs]) =>
    title.split(", ").map((name, index) => [name, programs[index]] as const)
  );
  for (const [name, program] of nodes) {
    const strategy = program?.flags?.strategy;
    const names = /^one of (.*)$/.exec(strategy?.expectation ?? "")?.[1]?.split(", ") ?? [];
    const rows = text.split("\n").filter((line) => line.includes("`test:")).map((line) =>
      line.split("|")
    );
    const row = rows.find(([, node]) => node?.includes(`\`${name}\``));
    assert(row !== undefined, name);
    const listed = [...(row[2] ?? "").matchAll(/`([^`]*)`/g)].map(([, strategy]) => strategy);
    assertEquals(listed.toSorted(), names.toSorted(), name);
    assertEquals(listed[0], strategy?.default, name);
  }
});

Deno.test("docs/nodes.md lists each error code with its name", () => {
  const text = Deno.readTextFileSync("docs/nodes.md");
  for (const code of Object.values(ErrorCode)) {
    const { errorName, definite } = new RpcError(code, "");
    const row = `| ${code} | \`${errorName}\` | ${definite ? "yes" : "no"} |`;
    assert(text.includes(row), row);
  }
});

Deno.test("docs/workbench.md lists each exit code and each fault", () => {
  const text = Deno.readTextFileSync("docs/workbench.md");
  for (const code of Object.values(ExitCode)) assert(text.includes(`\n| ${code} | `), `${code}`);
  for (const name of FAULT_NAMES) assert(text.includes(`\`${name}\``), name);
});

Deno.test("documents and workflows name the version of Deno that .ci/run uses", () => {
  const version = /^deno_version=(.*)$/m.exec(Deno.readTextFileSync(".ci/run"))?.[1];
  const workflows = ["test", "explore"].map((name) => `.github/workflows/${name}.yml`);
  const texts = [
    ...readDocuments(),
    ...workflows.map((path) => ({ path, text: Deno.readTextFileSync(path) })),
  ];
  const named = texts.flatMap(({ path, text }) =>
    [...text.matchAll(/deno(?:@|-version: |\]\(\S+\) )(\d+\.\d+\.\d+)/gi)].map(([, found]) => ({
      path,
      found,
    }))
  );
  assert(named.length > 3);
  for (const { path, found } of named) assertEquals(found, version, path);
});

Deno.test("CHANGELOG.md has the package's version and its exports", () => {
  const text = Deno.readTextFileSync("CHANGELOG.md");
  const { version, exports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  assert(text.includes(`## [${version}] - `), version);
  for (const name of Object.keys(exports)) assert(text.includes(`\`${name}\``), name);
});
