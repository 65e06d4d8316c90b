import { assertEquals } from "std/testing";
import { CORRECT, type Mistake, MISTAKES, NODES } from "../support/beginner_mistakes.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { runMaelstromTask } from "../support/run_task.ts";

/** Runs wait more than they compute. */
const RUNS_AT_A_TIME = 16;
const NODE_COUNTS: Readonly<Partial<Record<Mistake["workload"], number>>> = {
  broadcast: 3,
  "g-counter": 2,
  "txn-rw-register": 2,
};

/** Whether an output has a line that contains a text in which "…" stands for any text. */
function hasLine(output: string, line: string): boolean {
  const pattern = line.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const expression = new RegExp(pattern.join(".*").replaceAll(" ", " +"));
  return output.split("\n").some((found) => expression.test(found));
}

/** Runs the node with a mistake; returns the output, and the line if the output lacks it. */
async function run(mistake: Mistake, index: number, folder: string): Promise<string | undefined> {
  const { workload, edit: [from, to], line, flags = [], isNotExecutable } = mistake;
  const program = NODES[workload];
  if (!program.includes(from)) return `${mistake.name}: the node does not contain ${from}`;
  const bin = `${folder}/node${index}.py`;
  await Deno.writeTextFile(bin, program.replace(from, () => to));
  await Deno.chmod(bin, isNotExecutable === true ? 0o644 : 0o755);
  const count = String(NODE_COUNTS[workload] ?? 1);
  const seconds = workload === "echo" ? "1" : "4";
  const { stdout, stderr } = await runMaelstromTask([
    ...["test", "-w", workload, "--bin", bin, "--node-count", count, "--time-limit", seconds],
    ...[
      "--rate",
      "20",
      "--concurrency",
      "2n",
      "--seed",
      "1",
      "--store",
      `${folder}/store${index}`,
      ...flags,
    ],
  ]);
  const output = stdout + stderr;
  return hasLine(output, line) ? undefined : `${mistake.name}: no line "${line}" in\n${output}`;
}

Deno.test("each of a beginner's mistakes is named by a line of the output", async () => {
  await inTemporaryFolder(async (folder) => {
    const waiting = [...MISTAKES, ...CORRECT].map((mistake, index) => ({ mistake, index }));
    // The last are those that take longest.
    waiting.reverse();
    const failures: string[] = [];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const failure = await run(next.mistake, next.index, folder);
        if (failure !== undefined) failures.push(failure);
      }
    };
    await Promise.all(Array.from({ length: RUNS_AT_A_TIME }, work));
    assertEquals(failures.join("\n\n"), "");
  });
});

Deno.test("a line that the output lacks is found to be missing", () => {
  assertEquals(hasLine("  a (1) b\n  c", "a (…) b"), true);
  assertEquals(hasLine("  a (1) b\n  c", "b…c"), false);
});

Deno.test("docs/MISTAKES.md lists the mistakes with their lines", async () => {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = MISTAKES.map(({ name, workload, line }) =>
    `| ${cell(name)} | ${workload} | \`${cell(line)}\` |`
  );
  const path = new URL("../../docs/MISTAKES.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  assertEquals(text.split("\n").filter((line) => /^\| [a-z]/.test(line)), rows);
});
