import { assert, assertEquals, assertStringIncludes } from "std/testing";

const PROJECT = new URL("../../../", import.meta.url).pathname;

const PROGRAM = `export function isAdult(age: number): boolean {
  return age >= 18;
}
export function countDown(from: number): number {
  let left = from;
  while (left > 0) left--;
  return left;
}
`;
const TEST = `import { equal } from "node:assert/strict";
import { countDown, isAdult } from "./program.ts";
Deno.test("isAdult", () => {
  equal(isAdult(40), true);
  equal(isAdult(3), false);
});
Deno.test("countDown", () => equal(countDown(5), 0));
`;

/** Runs a function in a project with a program and its test; then deletes the project. */
async function inProject(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    Deno.writeTextFileSync(`${folder}/deno.json`, "{}");
    Deno.writeTextFileSync(`${folder}/program.ts`, PROGRAM);
    Deno.writeTextFileSync(`${folder}/program_test.ts`, TEST);
    await Deno.mkdir(`${folder}/tmp`);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The command in a project, with its temporary files in the project's folder `tmp`. */
function command(folder: string, args: readonly string[]): Deno.Command {
  const permissions = ["--allow-read", "--allow-write", "--allow-run", "--allow-env"];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--config", `${PROJECT}deno.json`, ...permissions]
      .concat(`${PROJECT}tasks/mutate.ts`, args),
    cwd: folder,
    env: { NO_COLOR: "1", TMPDIR: `${folder}/tmp` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function mutate(folder: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await command(folder, args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("mutate reports killed mutants, timeouts and survivors, and leaves nothing behind", async () => {
  await inProject(async (folder) => {
    const { code, stdout, stderr } = await mutate(
      folder,
      ...["program.ts", "--test", "program_test.ts", "--timeout", "8"],
    );
    assertEquals(code, 0, stderr);
    const [, survivors] = stdout.split("Survivors:\n");
    assertEquals(survivors?.split("\n").slice(0, 2), [
      "  program.ts:2: return age >= 18; → return age > 18;",
      "  program.ts:2: return age >= 18; → return age >= 36;",
    ]);
    assertStringIncludes(stdout, "8 mutants in ");
    assertStringIncludes(stdout, ": 6 killed (2 by a timeout), 2 survived, score 75.0 %");
    const path = /Results in (\S+)/.exec(stdout)?.[1] as string;
    const { total, tested, mutants } = JSON.parse(Deno.readTextFileSync(`${folder}/${path}`));
    assertEquals([total, tested, mutants.length], [8, 8, 8]);
    assertEquals(mutants[0], {
      file: "program.ts",
      line: 2,
      original: "return age >= 18;",
      mutated: "(removed)",
      outcome: "killed",
      tests: 1,
      killer: "program_test.ts: isAdult",
    });
    assertEquals(Deno.readTextFileSync(`${folder}/program.ts`), PROGRAM);
    assertEquals([...Deno.readDirSync(`${folder}/tmp`)], []);
  });
});

Deno.test("mutate --limit tests an evenly spread sample", async () => {
  await inProject(async (folder) => {
    const args = ["program.ts", "--test", "program_test.ts", "--limit", "2", "--jobs", "1"];
    const { stdout } = await mutate(folder, ...args, "--timeout", "8");
    assertStringIncludes(stdout, "2 of 8 mutants");
    assertStringIncludes(stdout, "2 mutants in ");
  });
});

Deno.test("a rejection that a test handles itself does not fail it, another one does", async () => {
  const rejecting = (body: string) =>
    `Deno.test("rejects", async () => {
    ${body}
    Promise.reject(new Error("planted"));
    await new Promise((resolve) => setTimeout(resolve, 10));
  });\n`;
  await inProject(async (folder) => {
    const test = (body: string) => {
      Deno.writeTextFileSync(`${folder}/program_test.ts`, TEST + rejecting(body));
      const args = ["program.ts", "--test", "program_test.ts", "--limit", "1", "--jobs", "1"];
      return mutate(folder, ...args, "--timeout", "8");
    };
    const handled = `addEventListener("unhandledrejection", (event) => event.preventDefault());`;
    assertEquals((await test(handled)).code, 0);
    const { code, stderr } = await test("");
    assertEquals(code, 255);
    assertStringIncludes(stderr, "a test failed without a mutant: program_test.ts: rejects");
  });
});

Deno.test("mutate names what no test reaches, and leaves out equivalent mutants", async () => {
  await inProject(async (folder) => {
    Deno.writeTextFileSync(
      `${folder}/program.ts`,
      `${PROGRAM}export const isChild = (age: number) => age < 3;\n`,
    );
    const equivalent = {
      file: "program.ts",
      original: "return age >= 18;",
      mutated: "return age > 18;",
      reason: "a birthday counts for neither",
    };
    Deno.writeTextFileSync(`${folder}/known.json`, JSON.stringify([equivalent]));
    const { code, stdout, stderr } = await mutate(
      folder,
      ...[".", "--test", ".", "--equivalents", "known.json", "--timeout", "4"],
    );
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "beside 1 equivalent ones");
    assert(!stdout.includes(equivalent.mutated), stdout);
    assertStringIncludes(stdout, "age <= 3; (no test reaches it)");
    Deno.writeTextFileSync(`${folder}/known.json`, "[{}]");
    const invalid = await mutate(
      folder,
      ...["program.ts", "--test", "program_test.ts", "--equivalents", "known.json"],
    );
    assertEquals(invalid.code, 254);
    assertStringIncludes(invalid.stderr, "known.json: expected an array of objects with file");
  });
});

Deno.test("mutate also changes what runs while files are loaded, and in programs of tests", async () => {
  await inProject(async (folder) => {
    Deno.writeTextFileSync(
      `${folder}/program.ts`,
      `export const limit = 1 + 2;
const isAsked = Deno.args.length > 0;
if (isAsked) console.log(6 - 2);
`,
    );
    Deno.writeTextFileSync(
      `${folder}/program_test.ts`,
      `import { equal } from "node:assert/strict";
import { limit } from "./program.ts";
Deno.test("limit", () => equal(limit, 3));
Deno.test("program", async (t) => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "program.ts", "asked"],
  }).output();
  await t.step("prints 4", () => equal(new TextDecoder().decode(stdout), "4\\n"));
});`,
    );
    const { stdout } = await mutate(folder, "program.ts", "--test", "program_test.ts");
    assertStringIncludes(stdout, ": 13 killed (0 by a timeout), 1 survived");
    assertStringIncludes(stdout, "Deno.args.length > 0; → const isAsked = Deno.args.length >= 0;");
  });
});

Deno.test("mutate fails when a test fails without a mutant", async () => {
  await inProject(async (folder) => {
    const broken: readonly (readonly [text: string, message: string])[] = [
      ["throw new Error('broken file');", "program_test.ts failed to load"],
      [
        "Deno.test('a', () => { throw new Error('broken test'); });",
        "a test failed without a mutant: program_test.ts: a",
      ],
    ];
    for (const [text, message] of broken) {
      Deno.writeTextFileSync(`${folder}/program_test.ts`, text);
      const { code, stderr } = await mutate(folder, "program.ts", "--test", "program_test.ts");
      assertEquals(code, 255);
      assertStringIncludes(stderr, message);
      assertStringIncludes(stderr, "Error: broken ");
    }
    assertEquals([...Deno.readDirSync(`${folder}/tmp`)], []);
  });
});

Deno.test("mutate rejects an invalid command line", async () => {
  await inProject(async (folder) => {
    const invalid: readonly (readonly [args: string[], message: string])[] = [
      [["--test", "program_test.ts"], "missing file"],
      [["program.ts"], "missing tests"],
      [["nowhere.ts", "--test", "program_test.ts"], "file not found: nowhere.ts"],
      [["../a.ts", "--test", "program_test.ts"], "expected a path below the working directory"],
      [["program.ts", "--explore", "ecko"], 'unknown workload "ecko"'],
      [["program.ts", "--test", "no_test.ts"], "file not found: no_test.ts"],
      [["program.ts", "--limt", "3"], "did you mean --limit?"],
    ];
    for (const [args, message] of invalid) {
      const { code, stderr } = await mutate(folder, ...args);
      assertEquals(code, 254, stderr);
      assertStringIncludes(stderr, message);
    }
  });
});

Deno.test("Ctrl-C ends mutate and its tests, and leaves nothing behind", async () => {
  await inProject(async (folder) => {
    Deno.writeTextFileSync(
      `${folder}/program_test.ts`,
      `Deno.writeTextFileSync("${folder}/pid", String(Deno.pid));
Deno.test("endless", () => new Promise(() => setInterval(() => {}, 1000)));`,
    );
    const child = command(folder, ["program.ts", "--test", "program_test.ts"]).spawn();
    const output = child.output();
    let pid = "";
    let hasEnded = false;
    const ended = output.then(() => hasEnded = true);
    while (pid === "" && !hasEnded) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      try {
        pid = Deno.readTextFileSync(`${folder}/pid`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    if (!hasEnded) child.kill("SIGINT");
    await ended;
    assertEquals((await output).code, 130);
    assertEquals([...Deno.readDirSync(`${folder}/tmp`)], []);
    const { success } = await new Deno.Command("kill", { args: ["-0", pid], stderr: "null" })
      .output();
    assert(!success, "the process of the tests has ended");
  });
});
