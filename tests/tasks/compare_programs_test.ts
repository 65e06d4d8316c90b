import { assertEquals, assertStringIncludes } from "std/testing";
import { isProgram } from "../../tasks/compare/programs.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

/** Runs `deno task compare` and returns its exit code and output. */
async function compare(...args: string[]) {
  const permissions = ["--allow-read", "--allow-write", "--allow-run"];
  const env = "--allow-env=PATH,TMPDIR,MAELSTROM,NO_COLOR,INIT_CWD,NODE_ENV";
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, env, "tasks/compare.ts", ...args],
    env: { NO_COLOR: "1", INIT_CWD: "" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

const SHORT = ["--time-limit", "2", "--rate", "50", "--node-count", "3"];

Deno.test("compare runs programs with their arguments on the same work", async () => {
  await inTemporaryFolder(async (out) => {
    const programs = ["examples/echo.ts", "./nodes/echo.ts"];
    const flags = ["-w", "echo", "--engine", "sim", "--seeds", "2", "--out", out, ...SHORT];
    const { code, output } = await compare(...programs, ...flags);
    assertEquals(code, 0, output);
    assertStringIncludes(output, "echo on 3 nodes, 2 s at rate 50, engine sim, 2 runs of each");
    const { figures } = JSON.parse(Deno.readTextFileSync(`${out}/programs.json`));
    assertEquals(Object.keys(figures), programs);
    const [first, second] = Object.values(figures) as { operations: number }[][];
    // Equal seeds give equal work.
    assertEquals(first?.map(({ operations }) => operations), second?.map((run) => run.operations));
  });
});

Deno.test("compare of programs takes own workloads and real processes, and exits by verdict", async () => {
  await inTemporaryFolder(async (out) => {
    const folder = "./tests/tasks/outside_project";
    const programs = [`${folder}/lock.ts`, `${folder}/lock.ts --lease 1`];
    const flags = ["--workload", `${folder}/lock_workload.ts`, "--out", out, ...SHORT];
    const { code, output } = await compare(...programs, ...flags);
    assertEquals(code, 1, output);
    assertStringIncludes(output, "engine process");
    const { figures } = JSON.parse(Deno.readTextFileSync(`${out}/programs.json`));
    const verdicts = programs.map((program) =>
      figures[program].map((run: { isValid: boolean }) => run.isValid)
    );
    assertEquals(verdicts, [[true], [false]]);
  });
});

Deno.test("compare says what is missing", async () => {
  const problems: readonly (readonly [args: string[], code: number, message: string])[] = [
    [["./nodes/echo.ts"], 254, "missing --workload NAME"],
    [["./no.ts", "-w", "echo"], 255, "--bin ./no.ts: no such file"],
    [["programs"], 254, "or give programs: ./a.ts ./b.ts"],
  ];
  for (const [args, code, message] of problems) {
    const outcome = await compare(...args);
    assertStringIncludes(outcome.output, message);
    assertEquals(outcome.code, code);
  }
});

Deno.test("isProgram distinguishes paths from the names of comparisons", () => {
  for (const path of ["./a.ts", "a.py", "bin/a", "a.ts --interval 5"]) {
    assertEquals(isProgram(path), true);
  }
  for (const name of ["broadcast", "--help", "-h", "counter"]) assertEquals(isProgram(name), false);
});
