/**
 * Starts a NATS server for one run: on the loopback interface, on a free port, with a store and
 * users of its own, which the end of the run removes.
 *
 * Each node has a user with an nkey, which may send only as that node and control none.
 *
 * @module
 */

import { nkeys } from "npm:@nats-io/transport-node@3.4.0";
import type { Permissions } from "../../transport/nats/subjects.ts";
import { StartError } from "../engine.ts";
import type { Watchdog } from "../process/watchdog.ts";

const PROGRAM = "nats-server";
const START_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 20;
/** Reads of a large set take more than the default of 1 MiB. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
const OWNER_ONLY = 0o600;

/** A running server. */
export interface NatsServer {
  readonly url: string;
  /** The seed of the user that may do everything. */
  readonly seed: string;
  /** The files with the seeds of the other users, by name. */
  readonly seedFiles: ReadonlyMap<string, string>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts a server with one user for each entry of `permissions`, and one that may do everything.
 * Throws a {@link StartError}.
 */
export async function startNatsServer(
  permissions: ReadonlyMap<string, Permissions>,
  watchdog: Watchdog,
): Promise<NatsServer> {
  const folder = await Deno.makeTempDir({ prefix: "workbench-nats-" });
  let end = () => Promise.resolve();
  const stop = async () => {
    await end();
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const owner = nkeys.createUser();
    const users: unknown[] = [{ nkey: owner.getPublicKey() }];
    const seedFiles = new Map<string, string>();
    for (const [name, allowed] of permissions) {
      const user = nkeys.createUser();
      const file = `${folder}/user-${seedFiles.size}.nk`;
      await Deno.writeFile(file, user.getSeed(), { mode: OWNER_ONLY });
      users.push({ nkey: user.getPublicKey(), permissions: allowed });
      seedFiles.set(name, file);
    }
    const config = `${folder}/nats.conf`;
    await Deno.writeTextFile(config, JSON.stringify(configuration(folder, users)));
    const { process, group } = watchdog.watch((env) => spawn(config, env));
    end = async () => {
      endNow(process);
      await process.status;
      group.ended();
    };
    const port = await readPort(`${folder}/${PROGRAM}_${process.pid}.ports`, `${folder}/nats.log`);
    const seed = new TextDecoder().decode(owner.getSeed());
    return { url: `nats://127.0.0.1:${port}`, seed, seedFiles, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(folder: string, users: readonly unknown[]): Record<string, unknown> {
  return {
    host: "127.0.0.1",
    port: -1,
    ports_file_dir: folder,
    log_file: `${folder}/nats.log`,
    max_payload: MAX_PAYLOAD_BYTES,
    jetstream: { store_dir: `${folder}/jetstream` },
    authorization: { users },
  };
}

function spawn(config: string, env: Readonly<Record<string, string>>): Deno.ChildProcess {
  try {
    return new Deno.Command(PROGRAM, {
      args: ["--config", config],
      env: { ...env },
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StartError(
      `${PROGRAM} is not on the PATH, so the engine nats cannot start one. Install it (Debian: ` +
        `apt-get install ${PROGRAM}), or name a running server with --nats nats://HOST:PORT.`,
    );
  }
}

function endNow(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}

/**
 * Waits for the file with a server's port, which the server writes when it is ready. Throws a
 * {@link StartError} with the server's log if it does not.
 */
export async function readPort(path: string, log: string): Promise<number> {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    try {
      const { nats: [url] } = JSON.parse(await Deno.readTextFile(path));
      return Number(new URL(url).port);
    } catch (error) {
      // The file may be missing, or written in part.
      if (!(error instanceof Deno.errors.NotFound || error instanceof SyntaxError)) throw error;
    }
  }
  const lines = await Deno.readTextFile(log).catch(() => "it wrote no log");
  throw new StartError(`${PROGRAM} did not start: ${lines}`);
}
