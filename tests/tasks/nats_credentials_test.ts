import { assertEquals, assertStringIncludes } from "std/testing";
import { endAll, startTask } from "../support/fleet.ts";
import { makeNatsAccounts } from "../support/nats_accounts.ts";
import { hasNatsServer, withNatsServer } from "../support/nats_server.ts";
import { runMaelstromTask } from "../support/run_task.ts";

const name = "files with credentials of a NATS account let in nodes, workbench and fleet";
const { config, user, foreign } = await makeNatsAccounts();

Deno.test({
  name: hasNatsServer ? name : `${name} (skipped: there is no nats-server)`,
  ignore: !hasNatsServer,
  fn: () =>
    withNatsServer(async ({ url, folder }) => {
      await Deno.writeTextFile(`${folder}/user.creds`, user);
      await Deno.writeTextFile(`${folder}/foreign.creds`, foreign);
      const test = (...args: string[]) =>
        runMaelstromTask([
          ...["test", "-w", "echo", "--bin", "nodes/echo.ts", "--engine", "nats", "--nats", url],
          ...["--node-count", "1", "--time-limit", "1", "--store", folder, ...args],
        ]);
      const valid = await test("--nats-creds", `${folder}/user.creds`);
      assertEquals(valid.code, 0, valid.stdout + valid.stderr);
      assertStringIncludes(valid.stdout, "Everything looks good!");
      for (const args of [["--nats-creds", `${folder}/foreign.creds`], []]) {
        const { code, stderr } = await test(...args);
        assertEquals(code, 255);
        assertStringIncludes(stderr, "refused the credentials");
      }

      const start = (task: string, args: readonly string[], creds = "user") =>
        startTask(task, [...args, "--fleet", url, "--creds", `${folder}/${creds}.creds`]);
      const exploration = ["echo", "--seeds", "16", "--store", folder];
      const refused = await start("explore", exploration, "foreign").ended;
      assertEquals(refused.code, 255);
      assertStringIncludes(refused.output, "the server needs another user");
      const worker = start("worker", ["--jobs", "1"]);
      try {
        const { code, output } = await start("explore", exploration).ended;
        assertEquals(code, 0, output);
        assertStringIncludes(output, "16 seeds in");
      } finally {
        await endAll([worker]);
      }
    }, config),
});
