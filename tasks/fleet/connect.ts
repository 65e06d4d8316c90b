/**
 * Connects to the NATS server of a fleet. Credentials, TLS and accounts are those of NATS.
 *
 * @module
 */

import {
  connect,
  type ConnectionOptions,
  errors,
  type NatsConnection,
} from "@nats-io/transport-node";
import { UsageError } from "../../lib/base/mod.ts";
import {
  ignoreAbandonedSockets,
  readCredentials,
  securityOf,
} from "../../lib/transport/nats/connect.ts";
import { parseServers } from "../../lib/transport/nats/servers.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import { printError } from "../cli/console.ts";
import { describeAddress, type FleetAddress } from "./address.ts";

const RECONNECT_INTERVAL_MS = 500;
const MAX_PING_OUT = 2;
const PING_INTERVAL_MS = 10_000;
const NO_JETSTREAM = "JetStreamNotEnabled";
/** A server that restarts accepts connections before its JetStream, at most this long. */
const MAX_START_MS = 5000;

/**
 * Connects; the connection reconnects by itself until it is closed.
 *
 * @throws {UsageError} The credentials cannot be read, or this process may not use the network.
 * @throws {StartError} The server cannot be reached or rejects the user.
 */
export async function connectFleet(address: FleetAddress, name: string): Promise<NatsConnection> {
  const servers = parseServers(address.url);
  for (const host of servers.addresses) {
    // A terminal asks the user, for this address only.
    const { state } = await Deno.permissions.request({ name: "net", host });
    if (state !== "granted") {
      throw new UsageError(
        `--fleet needs the network, for ${host}; run \`deno task explore:fleet\` with the same ` +
          "arguments, which has the permission",
      );
    }
  }
  const options: ConnectionOptions = {
    name,
    servers: [...servers.addresses],
    ...securityOf(
      servers,
      address.creds === undefined ? undefined : readCredentials("--creds", address.creds),
    ),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_INTERVAL_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PING_OUT,
    // Other addresses of a cluster are not those that the user has allowed.
    ignoreClusterUpdates: true,
  };
  ignoreAbandonedSockets();
  try {
    const connection = await connect(options);
    reportStatus(connection);
    return connection;
  } catch (error) {
    throw new StartError(
      `cannot connect to ${describeAddress(address)}: ${(error as Error).message}; ` +
        remedyFor(error as Error),
    );
  }
}

function remedyFor(error: Error): string {
  if (error instanceof errors.AuthorizationError) {
    return "the server needs another user: nats://USER:PASSWORD@HOST:PORT, or --creds FILE";
  }
  if (/certificate/.test(error.message)) {
    return "set DENO_CERT to a file with the certificate of the authority that signed the server's";
  }
  return "docs/fleet.md starts a server in one line";
}

/** Prints when the connection breaks, is there again, or the server refuses something. */
async function reportStatus(connection: NatsConnection): Promise<void> {
  const refused = new Set<string>();
  for await (const status of connection.status()) {
    if (status.type === "disconnect") printError("the connection to the NATS server broke");
    else if (status.type === "reconnect") printError("connected to the NATS server again");
    else if (status.type === "error" && !refused.has(status.error.message)) {
      refused.add(status.error.message);
      printError(`the NATS server refused a request: ${status.error.message}`);
    }
  }
}

/**
 * Repeats an action until it succeeds: a server that restarts loses requests. Rejects when the
 * signal is aborted, and with errors that a repetition cannot mend.
 */
export async function persist<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let missingSinceMs: number | undefined;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      signal.throwIfAborted();
      const isStarting = (error as Error).name === NO_JETSTREAM &&
        performance.now() - (missingSinceMs ??= performance.now()) < MAX_START_MS;
      if (!isStarting && !isTransient(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_INTERVAL_MS));
    }
  }
}

/**
 * Repeats a write until it succeeds, as {@link persist}. A server tells a publisher nothing about a
 * stream that was deleted, so after an error `check` must throw if there is none.
 */
export async function persistWrite(
  write: () => Promise<unknown>,
  check: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  await persist(() => write().catch((error) => check().then(() => Promise.reject(error))), signal);
}

/** The first action on a server. Throws a {@link StartError} if the server has no JetStream. */
export async function persistFirst<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return await persist(() =>
    action().catch((error) => {
      if (error.name !== NO_JETSTREAM) throw error;
      throw new StartError("the NATS server has no JetStream; start it with --jetstream");
    }), signal);
}

/**
 * Whether an error of {@link persist} means that a stream or its consumer does not exist. A publisher
 * cannot distinguish that from a server without JetStream.
 */
export function isMissing(error: unknown): boolean {
  return ["StreamNotFoundError", "ConsumerNotFoundError", NO_JETSTREAM]
    .includes((error as Error).name);
}

/** Whether an error is one of a connection that breaks, or of a server that starts. */
function isTransient(error: unknown): boolean {
  const names = ["TimeoutError", "RequestError", "NoRespondersError", "ConnectionError"];
  if (!(error instanceof Error)) return false;
  const isUnavailable = "code" in error && (error.code === 10_008 || error.code === 10_023);
  return names.includes(error.name) || isUnavailable ||
    (error.cause !== undefined && isTransient(error.cause));
}
