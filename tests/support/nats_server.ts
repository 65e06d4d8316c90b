/**
 * Runs `nats-server` for a test: on the loopback interface, on a free port, with a store of its own.
 *
 * @module
 */

import { readPort } from "../../lib/workbench/nats/nats_server.ts";
import { inTemporaryFolder } from "./in_temporary_folder.ts";

const PROGRAM = "nats-server";

/** A running server. A test may kill it and start it again at the same address. */
export interface NatsServer {
  /** Its address, such as `nats://127.0.0.1:4222`. */
  readonly url: string;
  /** A folder for the test, removed at its end. */
  readonly folder: string;
  /** Ends the server with a signal and resolves when it has ended. */
  stop(signal?: Deno.Signal): Promise<void>;
  /** Pauses the server (SIGSTOP); its connections stay open. */
  pause(): void;
  /** Resumes a paused server. */
  resume(): void;
  /** Starts a stopped server again with the same address and store. */
  start(): Promise<void>;
}

/** Whether the machine has `nats-server`; tests that need it are ignored otherwise. */
export const hasNatsServer: boolean = await canRun();

async function canRun(): Promise<boolean> {
  try {
    return (await new Deno.Command(PROGRAM, { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Runs a test with a server that has JetStream, and stops the server afterwards, also if the test
 * fails.
 *
 * @param config The text of a configuration file, such as users and their permissions.
 * @param address The address of the interface that the server listens on.
 */
export function withNatsServer(
  test: (server: NatsServer) => Promise<void>,
  config = "",
  address = "127.0.0.1",
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const configPath = `${folder}/nats.conf`;
    await Deno.writeTextFile(configPath, config);
    let process: Deno.ChildProcess | undefined;
    let port = -1; // Any free one.
    const start = async () => {
      process = new Deno.Command(PROGRAM, {
        args: [
          ...["--config", configPath, "--addr", address, "--port", `${port}`],
          ...["--jetstream", "--store_dir", `${folder}/jetstream`],
          ...["--ports_file_dir", folder, "--log", `${folder}/nats.log`],
        ],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      port = await readPort(`${folder}/${PROGRAM}_${process.pid}.ports`, `${folder}/nats.log`);
    };
    const stop = async (signal: Deno.Signal = "SIGTERM") => {
      if (process === undefined) return;
      const { status } = process;
      process.kill(signal);
      process = undefined;
      await status;
    };
    const pause = () => process?.kill("SIGSTOP");
    const resume = () => process?.kill("SIGCONT");
    try {
      await start();
      await test({ url: `nats://${address}:${port}`, folder, start, stop, pause, resume });
    } finally {
      await stop("SIGKILL");
    }
  });
}

/** A test with a server, which a machine without one skips. */
export function natsTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: hasNatsServer ? name : `${name} (skipped: there is no nats-server)`,
    ignore: !hasNatsServer,
    fn,
  });
}
