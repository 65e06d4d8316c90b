import { assert, assertEquals, assertMatch } from "std/testing";
import { COMMANDS as COMPLETED } from "../../tasks/completions/completion_table.ts";

const MAX_LINES = 40;
const MAX_COLUMNS = 80;

const COMMANDS = [
  "maelstrom",
  "maelstrom test",
  "maelstrom check",
  "check",
  "completions",
  "new",
  "challenge",
  "scoreboard",
  "explore",
  "explore merge",
  "ledger",
  "worker",
  "replay",
  "mutate",
  "planted",
  "playground",
  "run_tests",
  "serve",
  "gateway",
  "tidy",
  "compare",
  "compare ./a.ts",
  "compare broadcast",
  "compare counter",
  "compare kafka",
  "compare lin-kv",
  "compare retries",
  "compare txn",
  "compile",
  "bench_node",
  "bench_check",
  "bench_files",
  "bench_sim",
  "bench_storage",
  "bench_kafka",
  "bench_nats",
  "bench_wasm",
];

async function helpOf(command: string): Promise<string[]> {
  const [task, ...args] = command.split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-env", `tasks/${task}.ts`, ...args, "--help"],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, `${command}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trimEnd().split("\n");
}

for (const command of COMMANDS) {
  Deno.test(`${command} --help fits ${MAX_COLUMNS} columns and ${MAX_LINES} lines`, async () => {
    const lines = await helpOf(command);
    assert(lines.length <= MAX_LINES, `${lines.length} lines`);
    for (const line of lines) assert([...line].length <= MAX_COLUMNS, line);
    // Help texts of flags start at the same column.
    const starts = lines.flatMap((line) => {
      const flag = /^ {2}(?:-\w, | {4})--\S+(?: \S+)? {2,}/.exec(line)?.[0];
      return flag === undefined ? [] : [[...flag].length];
    });
    assert(new Set(starts).size <= 1, starts.join(", "));
    const flags = lines.flatMap((line) => /^ {2}(?:-\w, | {4})?--([a-z-]+)/.exec(line)?.[1] ?? []);
    const name = command.replace("bench_", "bench:").replace(" ./a.ts", "");
    // These two list no flags, and name the command that does.
    if (command !== "compare" && command !== "challenge") {
      assertEquals(Object.keys(COMPLETED[name]?.flags ?? {}), flags, "flags that are completed");
    }
  });
}

Deno.test("each task of this project that is a program has a help text", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const programs = Object.values(tasks).flatMap((task) =>
    /tasks\/([a-z_]+)\.ts/.exec((task as { command: string }).command)?.[1] ?? []
  );
  const missing = programs.filter((program) => !COMMANDS.includes(program));
  assertEquals(missing, []);
});

Deno.test("--help prints usage first and exit codes for commands that check results", async () => {
  const lines = await helpOf("maelstrom test");
  assertMatch(lines[0] ?? "", /^maelstrom test --workload NAME --bin PATH/);
  assertMatch(lines.join("\n"), /Exit codes: 0 valid, 1 invalid, 2 unknown/);
});
