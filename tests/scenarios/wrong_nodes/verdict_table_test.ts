import { assertEquals } from "std/testing";
import { stringifyJson } from "../../../lib/base/mod.ts";
import { maelstromValid, type Verdict } from "../../../lib/check/mod.ts";
import { StartError } from "../../../lib/workbench/mod.ts";
import { loadProgram, simulate } from "../../../lib/workbench/sim/mod.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { CorrectService } from "./correct_service.ts";
import { HISTORIES } from "./histories.ts";
import { ODD_LINES } from "./lines.ts";
import { type JudgedProgram, PROGRAMS } from "./programs.ts";
import { WRONG_REPLIES } from "./replies.ts";
import {
  findingsOf,
  lineNode,
  runLineTest,
  runOddLines,
  runWrongReplies,
} from "./run_line_test.ts";

const LIBRARY = new URL("../../../lib/node/mod.ts", import.meta.url).href;
const DOCUMENT = new URL("../../../docs/VERDICTS.md", import.meta.url);

/** The rows of each table of the document. */
const rows: Record<string, string[]> = { histories: [], replies: [], lines: [], programs: [] };

function row(table: string, cells: readonly string[], verdict: Verdict): void {
  const valid = String(verdict["valid?"]);
  const maelstrom = String(maelstromValid(verdict));
  const findings = findingsOf(verdict).map((finding) => `\`${finding}\``).join(", ");
  const texts = [...cells, valid, maelstrom === valid ? "" : maelstrom, findings];
  rows[table]?.push(`| ${texts.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`);
}

for (const { name, text, check, valid = false } of HISTORIES) {
  Deno.test(`a history shows ${name}: ${text}`, () => {
    const verdict = check();
    row("histories", [name, `\`${text}\``], verdict);
    assertEquals(verdict["valid?"], valid);
  });
}

for (const [workload, replies] of Object.entries(WRONG_REPLIES)) {
  Deno.test(`a correct node of ${workload} is valid`, async () => {
    const service = new CorrectService(workload);
    const { results } = await runLineTest(workload, (id) => lineNode(id, service, (it) => [it]));
    assertEquals([results["valid?"], results["maelstrom-valid?"]], [true, undefined]);
  });

  for (const wrong of replies) {
    Deno.test(`a node of ${workload} ${wrong.name} (${wrong.to})`, async () => {
      const { results } = await runWrongReplies(workload, wrong);
      row("replies", [workload, `\`${wrong.to}\``, wrong.name], results);
      assertEquals(results["valid?"], wrong.valid ?? false, stringifyJson(results["workload"]));
    });
  }
}

for (const odd of ODD_LINES) {
  Deno.test(`a node of echo ${odd.name}`, async () => {
    const { verdict = false } = odd;
    try {
      const { results } = await runOddLines(odd);
      row("lines", [odd.name], results);
      assertEquals(results["valid?"], verdict);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      rows["lines"]?.push(`| ${odd.name} | does not start | does not start |  |`);
      assertEquals(verdict, "start");
    }
  });
}

async function judgeProgram({ workload, top = "", body }: JudgedProgram) {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/program.ts`;
    const text = `import type { Node } from "${LIBRARY}";
${top}
export default function program(node: Node) {
  ${body}
}
`;
    Deno.writeTextFileSync(path, text.replaceAll("FILE", `${folder}/written`));
    const options = { nodes: 3, timeLimitSeconds: 10, ratePerSecond: 20, seed: 1 };
    const { results } = await simulate(
      await loadProgram(path),
      findWorkload(workload) as Workload,
      options,
    );
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    return { results, files };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (const program of PROGRAMS) {
  Deno.test(`a simulated node ${program.name}`, async () => {
    const { results, files } = await judgeProgram(program);
    row("programs", [program.workload, program.name], results);
    assertEquals([results["valid?"], files], [program.valid ?? false, ["program.ts"]]);
  });
}

/** With this variable set, the test of the document stores what it found. */
const isRewritten = Deno.env.get("REWRITE_VERDICTS") !== undefined;

Deno.test("docs/VERDICTS.md lists all verdicts of this file", () => {
  const stored = Deno.readTextFileSync(DOCUMENT);
  // A table's rows follow the rule below its head.
  const tables = Object.values(rows);
  const found = stored.replaceAll(/(^\|(?:---\|)+\n)(?:\|.*\n)*/gm, (_, rule) => {
    const table = tables.shift() ?? [];
    return [rule, ...table.map((line) => `${line}\n`)].join("");
  });
  if (isRewritten) Deno.writeTextFileSync(DOCUMENT, found);
  assertEquals(tables, [], "the document has fewer tables than this file");
  assertEquals(isRewritten ? found : stored, found, "run it with REWRITE_VERDICTS=1");
});
