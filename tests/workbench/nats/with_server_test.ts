import { assertEquals } from "std/testing";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { natsTest, withNatsServer } from "../../support/nats_server.ts";

/** Runs a check, which may reach loopback, unlike the tests; fails with what it wrote to stderr. */
async function check(name: string, argument: string, tmp?: string): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", "--allow-read"],
      ...["--allow-write", "--allow-run", "--allow-env"],
      ...[`tests/workbench/nats/with_server/${name}.ts`, argument],
    ],
    env: { NO_COLOR: "1", ...(tmp === undefined ? {} : { TMPDIR: tmp }) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { code, stderr } = await child.output();
  assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
}

natsTest(
  "the engine nats rejects nodes elsewhere that it cannot test, and records the messages of others",
  () => withNatsServer(({ url }) => check("joining", url)),
);

const users = [{ user: "workbench", password: "secret" }];
natsTest(
  "the engine nats reports a server that refuses its credentials",
  () =>
    withNatsServer(
      ({ url }) => check("refused", url),
      JSON.stringify({ authorization: { users } }),
    ),
);

natsTest(
  "the engine nats starts its own server and nodes, and leaves none of them and no file",
  () => inTemporaryFolder((folder) => check("own_server", folder, folder)),
);
