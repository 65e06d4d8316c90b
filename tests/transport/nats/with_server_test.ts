import { assertEquals } from "std/testing";
import { Subjects } from "../../../lib/transport/nats/subjects.ts";
import { hasNatsServer, type NatsServer, withNatsServer } from "../../support/nats_server.ts";

const CHECKS = "tests/transport/nats/with_server";

/** Starts a program that may reach loopback only; the tests themselves may not. */
function startWithNet(path: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", path, ...args],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a check; fails with what it wrote to stderr. */
async function check(name: string, args: readonly string[]): Promise<void> {
  const child = startWithNet(`${CHECKS}/${name}.ts`, args);
  await child.stdin.close();
  const { code, stderr } = await child.output();
  assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
}

/** A test with a server, which a machine without one skips. */
function natsTest(name: string, test: (server: NatsServer) => Promise<void>, config?: string) {
  Deno.test({
    name: hasNatsServer ? name : `${name} (skipped: there is no nats-server)`,
    ignore: !hasNatsServer,
    fn: () => withNatsServer(test, config),
  });
}

natsTest(
  "malformed and oversized messages on every subject are refused and counted",
  ({ url }) => check("refused_messages", [url]),
);

natsTest("the services on JetStream behave as Maelstrom's", ({ url }) => check("services", [url]));

const users = ["n0", "n1"].map((user) => ({
  user,
  password: `secret of ${user}`,
  permissions: new Subjects("test").permissions(user),
}));
const authorization = {
  users: [...users, { user: "workbench", password: "secret of workbench" }],
};
natsTest(
  "without credentials a client can do nothing, and a node only what it needs",
  ({ url }) => check("credentials", [url]),
  JSON.stringify({ authorization }),
);

for (const drops of ["oldest", "newest"]) {
  natsTest(
    `while the server is down, messages wait, and the ${drops} surplus ones are dropped`,
    async (server) => {
      const commands: Readonly<Record<string, () => unknown>> = {
        stop: () => server.stop("SIGKILL"),
        start: () => server.start(),
        pause: () => server.pause(),
        resume: () => server.resume(),
      };
      const child = startWithNet(`${CHECKS}/outages.ts`, [server.url, drops]);
      const input = child.stdin.getWriter();
      const errors = new Response(child.stderr).text();
      const lines = child.stdout.pipeThrough(new TextDecoderStream());
      for await (const command of lines) {
        await commands[command.trim()]?.();
        await input.write(new Uint8Array([10]));
      }
      const { code } = await child.status;
      await input.close().catch(() => {});
      assertEquals({ code, stderr: await errors }, { code: 0, stderr: "" });
    },
  );
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  natsTest(`at ${signal} a node finishes its requests and exits with 0`, async ({ url }) => {
    const node = startWithNet(`${CHECKS}/slow_node.ts`, [
      ...["--transport", url, "--cluster", "test", "--node-id", "n0", "--nodes", "n0,n1"],
    ]);
    const child = startWithNet(`${CHECKS}/drain.ts`, [url]);
    try {
      await child.stdin.close();
      const errors = new Response(child.stderr).text();
      const output = child.stdout.getReader();
      await output.read();
      node.kill(signal);
      await node.stdin.close();
      const { code, stderr } = await node.output();
      assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
      assertEquals({ ...(await child.status), stderr: await errors }, {
        success: true,
        code: 0,
        signal: null,
        stderr: "",
      });
      await output.cancel();
    } finally {
      for (const process of [node, child]) kill(process);
    }
  });
}

natsTest("a node that cannot run on NATS ends with a reason", async ({ url }) => {
  const run = async (permissions: readonly string[], args: readonly string[]) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", ...permissions, "nodes/echo.ts", ...args],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr).trim() };
  };
  const ids = ["--node-id", "n0", "--nodes", "n0"];
  const host = new URL(url).host;
  assertEquals(await run([], ["--transport", url, ...ids]), {
    code: 1,
    stderr: `the node ends: NATS needs a permission: deno run --allow-net=${host} …`,
  });
  assertEquals(await run([], ["--transport", "http://a", ...ids]), {
    code: 2,
    stderr: '--transport must be nats://HOST:PORT or tls://HOST:PORT, got "http://a"',
  });
  assertEquals(await run([], ["--transport", url, ...ids, "--other"]), {
    code: 2,
    stderr: 'unknown flag "--other"\nThis node takes no flags.',
  });
  assertEquals(await run([], ["--transport", url, ...ids, "--creds", "missing"]), {
    code: 2,
    stderr: "--creds missing cannot be read: " +
      'Requires read access to "missing", run again with the --allow-read flag',
  });
});

natsTest("the gateway serves HTTP", async ({ url }) => {
  const node = startWithNet("nodes/echo.ts", [
    ...["--transport", url, "--cluster", "test", "--node-id", "n0", "--nodes", "n0"],
  ]);
  const gateway = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--allow-read", "--allow-net", "--allow-env=NO_COLOR"],
      ...["tasks/gateway.ts", "--nats", url, "--cluster", "test", "--listen", "127.0.0.1:0"],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = gateway.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value = "" } = await output.read();
    await check("http", [url, /http:\S+/.exec(value)?.[0] ?? ""]);
    gateway.kill("SIGTERM");
    assertEquals((await gateway.status).code, 0);
  } finally {
    for (const process of [node, gateway]) kill(process);
    await output.cancel();
    await node.stdin.close();
    await node.output();
  }
});

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}
