import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import {
  type Collected,
  endAll,
  reportLines,
  seedLines,
  startTask,
  startWorker,
  until,
} from "../support/fleet.ts";
import { runChaos } from "../support/fleet_chaos.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { hasNatsServer, type NatsServer, withNatsServer } from "../support/nats_server.ts";
import { runInFolder } from "../support/run_in_folder.ts";
import { describeAddress } from "../../tasks/fleet/address.ts";

const ignore = !hasNatsServer;
const FAULTY = "tests/support/explore_nodes/fire_and_forget_broadcast.ts";
const SMALL = ["--time-limit", "1", "--rate", "20", "--nemesis", "loss", "--shrink-runs", "10"];

/** Returns the names in a folder; none if it does not exist yet. */
function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Runs a test with a server and ends all processes that it starts. */
function withFleet(
  test: (
    server: NatsServer,
    start: (starting: Collected | Promise<Collected>) => Promise<Collected>,
  ) => Promise<void>,
  config?: string,
): Promise<void> {
  return withNatsServer(async (server) => {
    const processes: Collected[] = [];
    try {
      await test(server, async (starting) => {
        const process = await starting;
        processes.push(process);
        return process;
      });
    } finally {
      await endAll(processes);
    }
  }, config);
}

Deno.test({
  name: "a fleet counts each seed once although workers and the server are killed and frozen",
  ignore,
  fn: () =>
    withNatsServer(async (server) => {
      const { failures, shrunk, output } = await runChaos(server, 200);
      assert(failures > 0, output);
      assertEquals(shrunk, failures, "each failure is shrunk by one worker");
    }),
});

Deno.test({
  name: "a starter that is killed continues its job when it is started again",
  ignore,
  fn: () =>
    withFleet(async ({ folder, url }, start) => {
      await start(startWorker(url));
      const args = (name: string) => [
        ...["g-set", ...SMALL, "--seeds", "240", "--report", `${folder}/${name}.jsonl`],
      ];
      const first = await start(startTask("explore", [...args("first"), "--fleet", url]));
      await until(() => seedLines(`${folder}/first.jsonl`).length >= 48, first);
      first.process.kill("SIGKILL");
      await first.ended;
      const second = await start(startTask("explore", [...args("second"), "--fleet", url]));
      const { code, output } = await second.ended;
      assertEquals(code, 0, output);
      assertMatch(output, /continuing job \w+, which is on the server/);
      const local = await start(startTask("explore", args("local")));
      await local.ended;
      assertEquals(seedLines(`${folder}/second.jsonl`), seedLines(`${folder}/local.jsonl`));
    }),
});

Deno.test({
  name: "malformed and oversized messages of an intruder are refused and counted",
  ignore,
  fn: () =>
    withFleet(async ({ folder, url }, start) => {
      const report = `${folder}/r.jsonl`;
      const args = ["broadcast", "--bin", FAULTY, ...SMALL, "--seeds", "48", "--report", report];
      const explore = [...args, "--store", folder, "--fleet", url];
      const starter = await start(startTask("explore", explore));
      const { code, output } = await runInFolder(Deno.cwd(), Deno.execPath(), [
        ...["run", "--quiet", "--allow-net=127.0.0.1"],
        ...["tests/support/programs/fleet_intruder.ts", url],
      ]);
      assertEquals(code, 0, output);
      const worker = await start(startWorker(url));
      const ended = await starter.ended;
      assertEquals(ended.code, 1, ended.output);
      const [toStarter = 0, toWorkers = 0] = output.trim().split(" ").map(Number);
      // The claim is malformed, too, and the worker reports one malformed item for all.
      assertStringIncludes(
        ended.output,
        `${toStarter + 1} messages were not valid and were refused`,
      );
      assertEquals(worker.output().match(/refused an item of job/g)?.length, toWorkers);
      for (const name of ["junk", "outside", "absolute", "remote", "large"]) {
        assertStringIncludes(worker.output(), `refused job ${name}, which is not valid`);
      }
      assertStringIncludes(worker.output(), "refused the claim of workload: lost");
      assertEquals(seedLines(report).length, 48);
      assert(reportLines(report).some((line) => line.startsWith('{"shrunk":')), "shrunk here");
      await until(() => worker.output().includes("refused job long_name"), worker);
      assertStringIncludes(worker.output(), "this checkout has no deno.json/echo.ts");
    }),
});

Deno.test({
  name: "a worker of other code refuses, and both sides say so",
  ignore,
  fn: () =>
    withFleet(async ({ folder, url }, start) => {
      const checkout = `${folder}/checkout`;
      Deno.mkdirSync(checkout);
      const parts = ["lib", "nodes", "tasks", "deno.json", "deno.lock"];
      await new Deno.Command("cp", { args: ["-r", ...parts, checkout] }).output();
      const path = `${checkout}/nodes/echo.ts`;
      Deno.writeTextFileSync(path, `${Deno.readTextFileSync(path)}\n// changed\n`);
      const other = await start(startWorker(url, checkout));
      const starter = await start(
        startTask("explore", ["echo", ...SMALL, "--seeds", "4", "--fleet", url]),
      );
      await until(() => starter.output().includes("refused the job"), starter);
      for (const { output } of [other, starter]) {
        assertMatch(output(), /refused .*the worker has other code \(commit \S+, digest \w+\)/);
      }
      await start(startWorker(url));
      assertEquals((await starter.ended).code, 0);
    }),
});

Deno.test({
  name: "a starter ends when the server has lost its store",
  ignore,
  fn: () =>
    withFleet(async ({ folder, url, stop, start: startServer }, start) => {
      const starter = await start(startTask("explore", ["echo", ...SMALL, "--fleet", url]));
      const streams = `${folder}/jetstream/jetstream/$G/streams`;
      await until(() => namesIn(streams).some((name) => name.startsWith("explore_job_")), starter);
      await stop("SIGKILL");
      Deno.removeSync(`${folder}/jetstream`, { recursive: true });
      await startServer();
      const { code, output } = await starter.ended;
      assertMatch(output, /^the job was deleted from the server; start it again$/m);
      assertEquals(code, 255, output);
    }),
});

Deno.test({
  name: "a fleet needs the server's user, and its password is not printed",
  ignore,
  fn: () =>
    withFleet(async ({ url }, start) => {
      const refused = await start(startTask("worker", ["--fleet", url]));
      const { code, output } = await refused.ended;
      assertEquals(code, 255, output);
      assertStringIncludes(output, `cannot connect to ${url}`);
      assertMatch(output, /authorization/i);
      const allowed = await start(startWorker(url.replace("//", "//ann:secret@")));
      assert(!allowed.output().includes("secret"), allowed.output());
      allowed.process.kill("SIGINT");
      const stopped = await allowed.ended;
      assertEquals(stopped.code, 0, stopped.output);
      assertStringIncludes(stopped.output, "stopped after 0 seeds");
    }, "authorization { user: ann, password: secret }"),
});

Deno.test({
  name: "idle jobs are deleted, and other streams stay",
  ignore,
  fn: () =>
    withNatsServer(async ({ url }) => {
      const { code, output } = await runInFolder(Deno.cwd(), Deno.execPath(), [
        ...["run", "--quiet", "--allow-net=127.0.0.1", "tests/support/programs/fleet_idle.ts", url],
      ]);
      assertEquals(code, 0, output);
      assertEquals(JSON.parse(output), {
        young: [],
        old: ["abandoned"],
        streams: ["KV_explore_jobs", "orders"],
        operation: "DEL",
      });
    }),
});

Deno.test({
  name: "a job rejects with the error that its observer throws",
  ignore,
  fn: () =>
    withNatsServer(async ({ url }) => {
      const program = "tests/support/programs/fleet_failing_observer.ts";
      const args = ["run", "--quiet", "--allow-net=127.0.0.1", program, url];
      const { code, output } = await runInFolder(Deno.cwd(), Deno.execPath(), args);
      assertEquals(output, "the observer failed");
      assertEquals(code, 0, output);
    }),
});

Deno.test("an address is shown without its user and password", () => {
  const shown = (url: string) => describeAddress({ url });
  assertEquals(shown("nats://a:1,tls://b"), "nats://a:1,tls://b");
  assertEquals(shown("nats://ann:p@ss:word@a:1,nats://bob@b"), "nats://a:1,nats://b");
});

Deno.test("a fleet's arguments are checked before it is reached", () =>
  inTemporaryFolder(async (folder) => {
    const outside = `${folder}/echo.ts`;
    Deno.writeTextFileSync(outside, "export default () => {};");
    const allow = ["--allow-read", "--allow-write", "--allow-env=NO_COLOR,INIT_CWD", "--no-prompt"];
    const run = (task: string, ...args: string[]) =>
      runInFolder(Deno.cwd(), Deno.execPath(), ["run", ...allow, `tasks/${task}.ts`, ...args]);
    const cases: [string, string[], string][] = [
      ["explore", ["echo", "--fleet", "localhost"], "--fleet must be nats:// or tls:// addresses"],
      ["explore", ["echo", "--creds", "x"], "--creds needs --fleet URL"],
      ["explore", ["echo", "--fleet", "nats://127.0.0.1:1"], "run `deno task explore:fleet`"],
      ["worker", [], "missing --fleet URL"],
      ["worker", ["echo"], 'unexpected argument "echo"'],
      [
        "explore",
        ["echo", "--bin", outside, "--fleet", "nats://127.0.0.1:1"],
        "workers run only nodes of their own checkout",
      ],
    ];
    for (const [task, args, message] of cases) {
      const { code, output } = await run(task, ...args);
      assertStringIncludes(output, message);
      assertEquals(code, 254, output);
    }
  }));
