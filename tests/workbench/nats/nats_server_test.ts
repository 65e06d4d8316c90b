import { assert, assertEquals, assertRejects, assertThrows } from "std/testing";
import { Subjects } from "../../../lib/transport/nats/subjects.ts";
import { StartError } from "../../../lib/workbench/engine.ts";
import {
  type NatsServer,
  readPort,
  startNatsServer,
} from "../../../lib/workbench/nats/nats_server.ts";
import { Watchdog } from "../../../lib/workbench/process/watchdog.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";
import { natsTest } from "../../support/nats_server.ts";
import { replaced } from "../../support/replaced.ts";
import { withProperty } from "../../support/with_property.ts";

const PORTS = '{"nats":["nats://127.0.0.1:4711"]}';

/** Runs a test in which timers fire at once; returns how long they should have waited. */
async function withFastTimers(
  test: () => Promise<void>,
  onTimer: (waitedMs: number) => void = () => {},
): Promise<number> {
  let waitedMs = 0;
  const fire = (fn: () => void, delayMs: number) => {
    waitedMs += delayMs;
    onTimer(waitedMs);
    return setImmediate(fn);
  };
  await withProperty(globalThis, "setTimeout", fire as unknown as typeof setTimeout, test);
  return waitedMs;
}

Deno.test("the port is read when the server has written all of its file", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/ports`;
    const steps = [
      () => {},
      () => Deno.writeTextFileSync(path, PORTS.slice(0, 20)),
      () => {},
      () => Deno.writeTextFileSync(path, PORTS),
    ];
    await withFastTimers(async () => {
      assertEquals(await readPort(path, "no log"), 4711);
    }, () => steps.shift()?.());
    assertEquals(steps.length, 0);
  });
});

Deno.test("a server that writes no port within 20 s is reported with its log", async () => {
  await inTemporaryFolder(async (folder) => {
    const log = `${folder}/log`;
    const failed = () =>
      assertRejects(() => readPort(`${folder}/ports`, log), StartError).then(({ message }) =>
        message
      );
    const waitedMs = await withFastTimers(async () => {
      assertEquals(await failed(), "nats-server did not start: it wrote no log");
    });
    assertEquals(waitedMs, 20_000);
    Deno.writeTextFileSync(log, "address in use");
    await withFastTimers(async () => {
      assertEquals(await failed(), "nats-server did not start: address in use");
    });
  });
});

Deno.test("a file of ports that cannot be read is reported as it is", async () => {
  await inTemporaryFolder(async (folder) => {
    await withFastTimers(async () => {
      await assertRejects(() => readPort(folder, "no log"), Deno.errors.IsADirectory);
    });
  });
});

/** Runs a test in which temporary folders are made in a folder. */
function withTemporaryFolders(folder: string, test: () => Promise<void>): Promise<void> {
  const original = Deno.makeTempDir;
  const make: typeof original = (options) => original({ ...options, dir: folder });
  return withProperty(Deno, "makeTempDir", make, test);
}

Deno.test("the error of a machine without nats-server says how to install it, and no folder is left", async () => {
  await inTemporaryFolder(async (folder) => {
    const watchdog = new Watchdog();
    const failWith = (error: Error) =>
      class extends Deno.Command {
        override spawn(): Deno.ChildProcess {
          throw error;
        }
      };
    const { NotFound, PermissionDenied } = Deno.errors;
    await withTemporaryFolders(folder, async () => {
      await withProperty(Deno, "Command", failWith(new NotFound()), async () => {
        const start = () => startNatsServer(new Map(), watchdog);
        await assertRejects(start, StartError, "apt-get install nats-server");
      });
      await withProperty(Deno, "Command", failWith(new PermissionDenied("planted")), async () => {
        await assertRejects(() => startNatsServer(new Map(), watchdog), PermissionDenied);
      });
    });
    assertEquals([...Deno.readDirSync(folder)], []);
    await watchdog.close();
  });
});

natsTest(
  "a server has a user for each node, and leaves no process and no file",
  () =>
    inTemporaryFolder(async (folder) => {
      const watchdog = new Watchdog();
      let ended = 0;
      const recording = replaced(watchdog, {
        watch(start: Parameters<Watchdog["watch"]>[0]) {
          const { process, group } = watchdog.watch(start);
          const end = () => {
            ended++;
            group.ended();
          };
          return { process, group: { ended: end } };
        },
      });
      const subjects = new Subjects("test");
      const permissions = new Map(["n0", "n1"].map((id) => [id, subjects.permissions(id)]));
      await withTemporaryFolders(folder, async () => {
        const server = await startNatsServer(permissions, recording);
        let pid = 0;
        try {
          pid = checkFiles(server, folder, permissions);
          assertEquals(ended, 0);
        } finally {
          await server.stop();
        }
        // A signal reaches a process until the system has reported its end.
        assertThrows(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
        assertEquals([...Deno.readDirSync(folder)], []);
        assertEquals(ended, 1, "the watchdog no longer watches the server");
      });
      await watchdog.close();
    }),
);

natsTest(
  "a server that has ended by itself is stopped, and another error is not ignored",
  () =>
    inTemporaryFolder(async (folder) => {
      const watchdog = new Watchdog();
      await withTemporaryFolders(folder, async () => {
        const server = await startNatsServer(new Map(), watchdog);
        const failWith = (error: Error) => () => {
          throw error;
        };
        const { prototype } = Deno.ChildProcess;
        const { pid } = serverIn(folder);
        try {
          await withProperty(prototype, "kill", failWith(new Error("planted")), async () => {
            await assertRejects(() => server.stop(), Error, "planted");
          });
        } finally {
          Deno.kill(pid, "SIGKILL");
        }
        const ended = new TypeError("Child process has already terminated");
        await withProperty(prototype, "kill", failWith(ended), () => server.stop());
      });
      await watchdog.close();
    }),
);

/** Returns the server's folder, its process id and the text of its file of ports. */
function serverIn(parent: string) {
  const [{ name } = { name: "" }] = Deno.readDirSync(parent);
  const path = `${parent}/${name}`;
  const files = [...Deno.readDirSync(path)].map((file) => file.name);
  const ports = files.find((file) => file.endsWith(".ports")) ?? "";
  const pid = Number(/_(\d+)\.ports$/.exec(ports)?.[1]);
  return { path, pid, ports: Deno.readTextFileSync(`${path}/${ports}`) };
}

/**
 * Checks the configuration, the seeds, and that the server leads a process group of its own; returns
 * its process id.
 */
function checkFiles(
  { url, seed, seedFiles }: NatsServer,
  folder: string,
  permissions: ReadonlyMap<string, unknown>,
): number {
  const { path, pid, ports } = serverIn(folder);
  const configuration = Deno.readTextFileSync(`${path}/nats.conf`);
  const { authorization: { users }, ...rest } = JSON.parse(configuration);
  assertEquals(rest, {
    host: "127.0.0.1",
    port: -1,
    ports_file_dir: path,
    log_file: `${path}/nats.log`,
    max_payload: 8_388_608,
    jetstream: { store_dir: `${path}/jetstream` },
  });
  const nkeys = users.map(({ nkey }: { nkey: string }) => nkey);
  assertEquals(new Set(nkeys).size, 3);
  assertEquals(users.map((user: { permissions?: unknown }) => user.permissions), [
    undefined,
    ...permissions.values(),
  ]);
  const seeds = [seed];
  for (const [id, file] of seedFiles) {
    assert(permissions.has(id));
    assertEquals((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
    seeds.push(Deno.readTextFileSync(file));
  }
  assertEquals(new Set(seeds).size, 3);
  for (const text of seeds) assert(/^SU[A-Z2-7]{56}$/.test(text));
  assert(ports.includes(url), "the address is the server's");
  // Throws unless there is a group that the server leads.
  Deno.kill(-pid, "SIGCONT");
  return pid;
}
