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

Deno.test("each relative link of the README and the docs has a target", () => {
  for (const path of ["README.md", "docs/GLOSSARY.md", "docs/MEASUREMENTS.md"]) {
    for (const [, link = ""] of Deno.readTextFileSync(path).matchAll(/\]\(((?!https?:)[^)]+)\)/g)) {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : new URL(file, `file:///${path}`).pathname.slice(1);
      const isFolder = Deno.statSync(target).isDirectory;
      const anchors = isFolder ? [] : anchorsOf(Deno.readTextFileSync(target));
      if (anchor !== undefined) assert(anchors.includes(anchor), `${path}: ${link}`);
    }
  }
});

/** Returns the anchors that GitHub gives to the headings of a text. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\w\- ]/g, "").replace(/ /g, "-")
  );
}
