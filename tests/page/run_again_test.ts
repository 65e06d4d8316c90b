import { assertEquals } from "std/testing";
import { playgroundCommand } from "../../tasks/cli/playground_command.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { PROJECT_NODES, type ProjectNode } from "../support/project_nodes.ts";
import { runMaelstromTask } from "../support/run_task.ts";
import { browserPath, withPage } from "./browser.ts";

const RUNS_AT_A_TIME = 3;
/** Every node of the project, in its default strategy, which comes first. */
const DEFAULT_STRATEGIES = [...Map.groupBy(PROJECT_NODES, ({ workload }) => workload).values()]
  .map(([first]) => first as ProjectNode);

/** A run on the command line: what a page needs to repeat it, and the hash of its messages. */
interface CommandLineRun {
  readonly name: string;
  readonly test: string;
  readonly hash: string;
}

async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Runs a node of the project in virtual time, with faults that it tolerates. */
async function runOnCommandLine(
  { workload, args, nodeCount, faults }: ProjectNode,
  store: string,
): Promise<CommandLineRun> {
  const bin = `nodes/${workload.replaceAll("-", "_")}.ts`;
  const nemesis = ["partition", "loss", "duplicate"].filter((name) => faults.includes(name));
  const name = [bin, ...args].join(" ");
  const { stderr } = await runMaelstromTask([
    ...["test", "--engine", "sim", "-w", workload, "--bin", bin, "--store", store, "--seed", "5"],
    ...["--node-count", String(nodeCount), "--time-limit", "2", "--rate", "50"],
    ...(nemesis.length === 0 ? [] : ["--nemesis", nemesis.join(","), "--nemesis-interval", "1"]),
    ...["--concurrency", "2n", "--", ...args],
  ]);
  assertEquals(stderr, "", name);
  const read = (file: string) => Deno.readTextFile(`${store}/latest/${file}`);
  return { name, test: await read("test.json"), hash: await hashOf(await read("messages.jsonl")) };
}

/** Runs in the page: repeats a run, and returns the hash of its messages. */
const REPEAT = `async (text) => {
  globalThis.loadedRunner ??= (async () => {
    const packed = document.getElementById("runner").textContent;
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const code = await new Response(stream).text();
    return await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  })();
  const { runAgain } = await globalThis.loadedRunner;
  const { options, bin, args } = JSON.parse(text);
  const { messages } = await runAgain({ options, bin, args, schedule: "" });
  // A file has no secure context, so that the page cannot hash; the test does.
  return messages;
}`;

Deno.test({
  name: "a page repeats a run of every node of the project with the command line's messages",
  ignore: browserPath === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const waiting = DEFAULT_STRATEGIES.map((node, index) => ({ node, index }));
      const runs: CommandLineRun[] = [];
      const work = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          runs.push(await runOnCommandLine(next.node, `${folder}/store${next.index}`));
        }
      };
      await Promise.all(Array.from({ length: RUNS_AT_A_TIME }, work));
      const path = `${folder}/playground.html`;
      assertEquals(await playgroundCommand(["--out", path]), 0);
      await withPage(path, async (page) => {
        const differing: string[] = [];
        for (const { name, test, hash } of runs) {
          const messages = await page.evaluate<string>(`(${REPEAT})(${JSON.stringify(test)})`);
          if (await hashOf(messages) !== hash) differing.push(name);
        }
        assertEquals(differing, []);
        assertEquals(new Set(runs.map(({ hash }) => hash)).size, runs.length, "all runs differ");
      });
    }),
});

Deno.test({
  name: "a page of a failing case repeats it with the messages of explore",
  ignore: browserPath === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTemporaryFolder(async (store) => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-read", "--allow-write", "--allow-env=NO_COLOR"]
          .concat("tasks/explore.ts", "broadcast", "--seeds", "5", "--store", store)
          .concat("--nemesis", "partition,loss", "--", "--strategy", "flood"),
        env: { NO_COLOR: "1" },
      }).output();
      const path = /report page (\S+)/.exec(new TextDecoder().decode(stdout))?.[1] as string;
      await withPage(await Deno.realPath(path), async (page) => {
        const status = page.locator("#again [role=status]");
        await page.locator("#run").click();
        await status.filter({ hasText: "byte for byte" }).waitFor();
        assertEquals(await page.locator("h1").innerText(), "Invalid: broadcast");
        await page.getByLabel("schedule.json").fill("[]");
        await page.locator("#run").click();
        await status.filter({ hasText: "differ" }).waitFor();
        assertEquals(await page.locator("h1").innerText(), "Valid: broadcast");
      });
    }),
});
