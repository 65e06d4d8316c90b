/**
 * `deno task gateway`: HTTP for the clients of a cluster on NATS.
 *
 * @module
 */

import { errors, type NatsConnection } from "@nats-io/transport-node";
import { describeFlags, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { AccessError, connectToNats, readCredentials } from "../../lib/transport/nats/connect.ts";
import {
  type GatewayParts,
  NoReceiverError,
  respondToClient,
} from "../../lib/transport/nats/gateway.ts";
import { parseServers } from "../../lib/transport/nats/servers.ts";
import { Subjects } from "../../lib/transport/nats/subjects.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import { print, printError } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { gatewayFlags } from "./nats_flags.ts";
import { onInterrupt } from "./interrupt.ts";

const USAGE = `deno task gateway --nats URL [flags]

Serves HTTP for a cluster on NATS: POST /n0 with the body of a request replies
with the body of node n0's reply, POST / with that of any node. The request must
have content-type: application/json; ?timeout-ms=500 sets its time limit (5000).
Status: 200, or by the code of the error: 400, 404, 409, 501 and 503 mean that
the request had no effect, 500 and 504 that its outcome is unknown.
Exit codes: 0 ended by a signal, 254 invalid arguments, 255 cannot connect.
Flags (defaults in brackets):
`;
const CONNECT_TIMEOUT_MS = 5000;
const NAME = "gateway";

/** Runs the command until a signal; returns its exit code. Throws {@link UsageError}. */
export async function gatewayCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, gatewayFlags);
  if (flags.help) {
    print(USAGE + describeFlags(gatewayFlags));
    return ExitCode.valid;
  }
  const [extra] = [...positional, ...rest];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; gateway takes flags`);
  }
  if (flags.nats === undefined) throw new UsageError("missing --nats nats://HOST:PORT");
  const { hostname, port } = flags.listen;
  const subjects = new Subjects(flags.cluster);
  const connection = await connectGateway(flags.nats, flags.creds, subjects);
  const stop = new AbortController();
  const removeHandlers = onInterrupt(() => stop.abort());
  try {
    const parts: GatewayParts = {
      subjects,
      maxBytes: flags["max-message-bytes"],
      isOwnHost: (host) => isOwnHost(host, hostname),
      request: (subject, payload, timeout) => request(connection, subject, payload, timeout),
    };
    const server = Deno.serve({
      hostname,
      port,
      signal: stop.signal,
      onListen: ({ port }) => print(`cluster ${flags.cluster}: http://${hostname}:${port}/`),
    }, (request) => respondToClient(parts, request));
    await server.finished;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UsageError(`--listen ${hostname}:${port} is in use; choose another port`);
  } finally {
    removeHandlers();
    await connection.close();
  }
  return ExitCode.valid;
}

async function connectGateway(
  url: string,
  creds: string | undefined,
  subjects: Subjects,
): Promise<NatsConnection> {
  try {
    return await connectToNats({
      servers: parseServers(url),
      credentials: creds === undefined ? undefined : readCredentials("--creds", creds),
      name: NAME,
      inboxPrefix: subjects.replies(NAME),
      timeoutMs: CONNECT_TIMEOUT_MS,
      log: printError,
    });
  } catch (error) {
    throw error instanceof AccessError ? new StartError(error.message) : error;
  }
}

async function request(
  connection: NatsConnection,
  subject: string,
  payload: Uint8Array,
  timeout: number,
): Promise<Uint8Array> {
  try {
    return (await connection.request(subject, payload, { timeout })).data;
  } catch (error) {
    const hadNoReceiver = error instanceof errors.RequestError && error.isNoResponders();
    throw hadNoReceiver ? new NoReceiverError("no responders") : error;
  }
}

/** A gateway that listens on loopback is not for clients of other hosts, nor for their web pages. */
function isOwnHost(host: string, listens: string): boolean {
  if (listens !== "127.0.0.1" && listens !== "localhost" && listens !== "::1") return true;
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
}
