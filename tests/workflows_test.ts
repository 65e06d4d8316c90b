import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { parse } from "yaml";
import { commandProblem } from "./support/document_commands.ts";
import { commandsOf } from "./support/documents.ts";
import { inTemporaryFolder } from "./support/in_temporary_folder.ts";

const FOLDER = ".github/workflows";

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly strategy: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

function read(name: string): Workflow {
  return parse(Deno.readTextFileSync(`${FOLDER}/${name}`), { strict: true });
}

const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
const workflows = names.map((name) => ({ name, workflow: read(name) }));
const explore = read("explore.yml");

function runsOf({ steps }: Job): string[] {
  return steps.flatMap(({ run }) => run ?? []);
}

/** Returns a text with the values of a matrix and the default of the input. */
function inserted(text: string, matrix: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\$\{\{ (.*?) \}\}/g, (whole, expression: string) => {
    const [, name] = /^matrix\.(\w+)$/.exec(expression) ?? [];
    const [, fallback] = /^inputs\.\w+ \|\| '(.*)'$/.exec(expression) ?? [];
    return String(name === undefined ? fallback ?? whole : matrix[name]);
  });
}

Deno.test("workflows may only read, pin their actions, and name jobs that exist", () => {
  assert(workflows.length >= 2);
  for (const { name, workflow } of workflows) {
    assertEquals(workflow.permissions, { contents: "read" }, name);
    const jobs = Object.entries(workflow.jobs);
    const actions = jobs.flatMap(([, { steps }]) => steps.flatMap(({ uses }) => uses ?? []));
    assert(actions.length > 1, name);
    for (const action of actions) assert(/@v\d+$/.test(action), `${name}: ${action}`);
    for (const [job, { needs }] of jobs) {
      assert(needs === undefined || needs in workflow.jobs, `${name}: ${job} needs ${needs}`);
    }
  }
});

Deno.test("the workflow test runs on three systems", () => {
  const { os } = read("test.yml").jobs.ok?.strategy.matrix ?? {};
  assertEquals(os, ["ubuntu-latest", "macos-latest", "windows-latest"]);
});

Deno.test("each command of a workflow exists and has the flags that are given", async () => {
  const flags = new Map<string, Promise<ReadonlySet<string>>>();
  for (const { name, workflow } of workflows) {
    const runs = Object.values(workflow.jobs).flatMap(runsOf);
    const commands = runs.flatMap((text) => commandsOf({ path: name, text }));
    assertEquals(commands.length, runs.length, `${name}: each step is one task`);
    for (const command of commands) {
      assertEquals(await commandProblem(command, flags), undefined, name);
    }
  }
});

Deno.test("no expression is a part of a script, where its value would be code", () => {
  for (const { name, workflow } of workflows) {
    for (const run of Object.values(workflow.jobs).flatMap(runsOf)) {
      assert(!run.includes("${{"), `${name}: ${run}`);
    }
  }
});

Deno.test("the workflow explore has a shard for each number, and merges what it uploads", () => {
  const { shard, merge } = explore.jobs;
  const shards = shard?.strategy.matrix.shard ?? [];
  assertEquals(shards, shards.map((_, index) => index + 1));
  assertStringIncludes(runsOf(shard as Job).join(), `"$SHARD/${shards.length}"`);
  assertEquals(merge?.strategy.matrix.workload, shard?.strategy.matrix.workload);
  assertEquals(merge?.needs, "shard");
  const withOf = (job: Job | undefined, action: string) =>
    job?.steps.find(({ uses }) => uses?.startsWith(action))?.with;
  const pattern = withOf(merge, "actions/download-artifact")?.pattern ?? "";
  for (const workload of shard?.strategy.matrix.workload ?? []) {
    const uploaded = inserted(withOf(shard, "actions/upload-artifact")?.name ?? "", {
      workload,
      shard: 1,
    });
    // A workload whose name begins like another one must not take the reports of that one.
    const matching = (merge?.strategy.matrix.workload ?? []).filter((other) =>
      uploaded.startsWith(inserted(pattern, { workload: other }).replace("*", ""))
    );
    assertEquals(matching, [workload]);
  }
});

Deno.test("the commands of the workflow explore work one after the other", () =>
  inTemporaryFolder(async (folder) => {
    const { shard, merge } = explore.jobs as Record<"shard" | "merge", Job>;
    const run = async (job: Job, matrix: Readonly<Record<string, string | number>>) => {
      const env = Object.entries(job.env ?? {}).map(([name, value]) =>
        [name, inserted(String(value), matrix)] as const
      );
      assertEquals(env.filter(([, value]) => value.includes("${{")), []);
      const [script = ""] = runsOf(job);
      const own = `"${Deno.execPath()}" task --quiet --config "${Deno.cwd()}/deno.json"`;
      const { code, stderr } = await new Deno.Command("bash", {
        args: ["-e", "-c", script.replace("deno task", own)],
        cwd: folder,
        env: {
          ...Object.fromEntries(env),
          ...{ TIME: "0.5s", NO_COLOR: "1", INIT_CWD: folder },
          GITHUB_STEP_SUMMARY: `${folder}/summary.md`,
        },
        stdin: "null",
      }).output();
      assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    };
    for (const number of shard.strategy.matrix.shard ?? []) {
      await run(shard, { workload: "echo", shard: number });
    }
    await run(merge, { workload: "echo" });
    assertStringIncludes(Deno.readTextFileSync(`${folder}/summary.md`), "echo: no seed failed");
    assertStringIncludes(Deno.readTextFileSync(`${folder}/junit.xml`), 'failures="0" errors="0"');
    assertStringIncludes(Deno.readTextFileSync(`${folder}/ledger.jsonl`), '"ok":true');
  }));
