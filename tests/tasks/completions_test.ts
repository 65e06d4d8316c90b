import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { flag } from "../../lib/base/mod.ts";
import { COMMANDS, completionTable, SHELLS } from "../../tasks/completions/completion_table.ts";

async function run(command: string, args: readonly string[], cwd = ".") {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout).trimEnd(), stderr: decoder.decode(stderr) };
}

function completions(...args: string[]) {
  const options = ["run", "--quiet", "--allow-read", "--allow-env"];
  return run(Deno.execPath(), [...options, "tasks/completions.ts", ...args]);
}

const scripts = new Map<string, Promise<string>>();

function scriptOf(shell: string): Promise<string> {
  const script = scripts.get(shell) ?? completions(shell).then(({ code, stdout, stderr }) => {
    assertEquals(code, 0, stderr);
    return stdout;
  });
  scripts.set(shell, script);
  return script;
}

async function hasShell(shell: string): Promise<boolean> {
  try {
    return (await run(shell, ["-c", "true"])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Programs that print the choices for the line in $line, one a line, by shell. */
const COMPLETE: Readonly<Record<string, (script: string, line: string) => string[]>> = {
  bash: (script, line) => [
    "--norc",
    "-c",
    `${script}\nCOMP_LINE=$1 COMP_POINT=\${#1}\n_workbench\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
    line,
  ],
  // Its completion system runs in a terminal only, so the test has the functions that zsh calls.
  zsh: (script, line) => [
    "-f",
    "-c",
    `compdef() { :; }; typeset -A _comps; _files() { :; }
compset() { words[CURRENT]=\${words[CURRENT]#*=}; }
compadd() { shift; for word in $@; do [[ $word == $words[CURRENT]* ]] && print -r -- $word; done; }
${script}
words=("\${(@s: :)1}"); CURRENT=\${#words}; _workbench`,
    "zsh",
    line,
  ],
  fish: (script, line) => ["--no-config", "-c", `${script}\ncomplete -C '${line}'`],
};

const CASES: Readonly<Record<string, readonly string[]>> = {
  "deno task test:k": ["test:kafka", "test:kafka:5a", "test:kafka:5b", "test:kafka:5c"],
  "deno task explore br": ["broadcast"],
  "deno task explore broadcast --str": ["--strategy"],
  "deno task explore kafka --strategy l": ["lamport", "lin-kv"],
  "deno task explore broadcast --nemesis par": ["partial-partition", "partition"],
  "deno task explore broadcast --latency-dist=": ["constant", "exponential", "uniform"],
  "deno task maelstrom te": ["test"],
  "deno task maelstrom test -w pn": ["pn-counter"],
  "deno task maelstrom test -w kafka -- --stra": ["--strategy"],
  "deno task test:kafka:5a -- --strategy o": ["owner"],
  "deno task challenge 3a --engine s": ["sim"],
  "deno task challenge 5": ["5a", "5b", "5c"],
  "deno task --quiet compare t": ["txn"],
  "deno task compare txn --see": ["--seeds"],
  "deno task bench:sim --onl": ["--only"],
  "deno task echo --": [],
};

for (const shell of SHELLS) {
  const isMissing = !await hasShell(shell);
  Deno.test({
    name: `completions ${shell} completes tasks, words, flags and values`,
    ignore: isMissing,
    async fn() {
      const script = await scriptOf(shell);
      for (const [line, expected] of Object.entries(CASES)) {
        const args = COMPLETE[shell]?.(script, line) ?? [];
        const { stdout, stderr } = await run(shell, args);
        const found = stdout.split("\n").filter((word) => word !== "").toSorted();
        // bash inserts the part after a colon only; fish the flag of a value, too.
        const part = (word: string) =>
          shell === "bash" && line.includes(":k")
            ? word.replace(/^test:/, "")
            : shell === "fish" && line.endsWith("=")
            ? `${line.split(" ").at(-1)}${word}`
            : word;
        assertEquals(found, expected.map(part), `${line}: ${stderr}`);
      }
    },
  });
}

Deno.test("completions apply to the project's folders, and else leave Deno its own", async () => {
  const script = await scriptOf("bash");
  const program = `
_deno() { COMPREPLY=(own); }
complete -F _deno deno
${script}
try() { COMP_LINE=$1 COMP_POINT=\${#1} COMPREPLY=(); _workbench; echo "\${COMPREPLY[*]}"; }
try "deno task explor"
try "deno ru"
cd lib && try "deno task explor"
cd / && try "deno task explor"
try "deno task --config $1/deno.json explor"
`;
  const { stdout } = await run("bash", ["--norc", "-c", program, "bash", Deno.cwd()]);
  const tasks = "explore explore:fleet";
  assertEquals(stdout.split("\n"), [tasks, "own", tasks, "own", tasks]);
});

Deno.test("the table has the flags of a node and of a task that runs another one", () => {
  const tasks = { explore: "deno run tasks/explore.ts", "test:x": "deno task challenge 5a 5b" };
  const strategy = flag.oneOf(["a", "b"], { help: "how" });
  const table = completionTable(tasks, { kafka: { strategy } });
  assertEquals(table.get("tasks"), ["explore", "test:x"]);
  assertEquals(table.get("flags node kafka"), ["--strategy", "--help"]);
  assertEquals(table.get("values node kafka --strategy"), ["a", "b"]);
  assertEquals(table.get("workload test:x"), ["kafka"]);
  assertEquals(table.get("flags test:x"), table.get("flags challenge"));
  assertEquals(table.get("values explore --bin"), []);
  assertEquals(table.get("values explore --triggered"), undefined);
  assertEquals(table.get("values explore --claims"), ["agreement", "monotonic-reads"]);
});

Deno.test("each task of deno.json that takes flags is a command of the table", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  for (const name of Object.keys(COMMANDS)) assert(tasks[name.split(" ")[0] ?? ""], name);
});

Deno.test("completions rejects a missing and an unknown shell", async () => {
  for (const args of [[], ["tcsh"]]) {
    const { code, stderr } = await completions(...args);
    assertEquals(code, 254);
    assertStringIncludes(stderr, "choose one of bash, zsh, fish");
  }
});
