/**
 * Connects to NATS: with credentials, and again until a server is up.
 *
 * @module
 */

import {
  type Authenticator,
  connect,
  type ConnectionOptions,
  credsAuthenticator,
  errors,
  type NatsConnection,
  nkeyAuthenticator,
} from "npm:@nats-io/transport-node@3.4.0";
import { Backoff, UsageError } from "../../base/mod.ts";
import { hostsToPermit, netPermission, type Servers } from "./servers.ts";

/**
 * A connection without an answer to this many pings, {@link PING_INTERVAL_MS} apart, is broken. By
 * default the client would notice a cut link after minutes.
 */
const MAX_PINGS_OUT = 2;
const PING_INTERVAL_MS = 2000;
const RECONNECT_DELAY_MS = 200;
const CONNECT_TIMEOUT_MS = 5000;
const FIRST_CONNECT_BACKOFF = { minMs: 100, maxMs: 2000 };

/** How to connect. */
export interface Access {
  readonly servers: Servers;
  /** The text of a file with credentials: those of NATS (`.creds`), or the seed of an nkey. */
  readonly credentials?: string | undefined;
  /** The name that the server's monitoring shows. */
  readonly name: string;
  /** The prefix of subjects for replies. */
  readonly inboxPrefix: string;
  /** Whether the connection receives what it publishes itself. */
  readonly echoes?: boolean;
  /** Gives up after this time in milliseconds; by default it never does. */
  readonly timeoutMs?: number;
  log(line: string): void;
}

/** Thrown when a server cannot be used, and no further attempt would help. */
export class AccessError extends Error {
  override readonly name = "AccessError";
}

/**
 * Connects, and tries again until a server is up. An existing connection that breaks is replaced
 * without limit. Throws an {@link AccessError} when a server refuses the credentials, when this
 * process may not reach it, and after the time limit.
 */
export async function connectToNats(access: Access): Promise<NatsConnection> {
  const { servers, name, inboxPrefix, log, timeoutMs = Infinity } = access;
  requireNetPermission(servers);
  ignoreAbandonedSockets();
  const options: ConnectionOptions = {
    servers: [...servers.addresses],
    name,
    inboxPrefix,
    noEcho: access.echoes !== true,
    // Other servers of a cluster are not among those that this process may reach.
    ignoreClusterUpdates: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_DELAY_MS,
    reconnectJitter: RECONNECT_DELAY_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    timeout: CONNECT_TIMEOUT_MS,
    // The stack of each request would cost more than the request.
    noAsyncTraces: true,
    ...securityOf(servers, access.credentials),
  };
  const startMs = performance.now();
  const backoff = new Backoff(FIRST_CONNECT_BACKOFF, Math.random);
  for (let attempt = 1;; attempt++) {
    try {
      return await connect(options);
    } catch (error) {
      const where = servers.addresses.join(", ");
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof errors.AuthorizationError) {
        throw new AccessError(`the NATS server at ${where} refused the credentials: ${reason}`);
      }
      if (isPermissionError(error)) {
        throw new AccessError(`${where} has an address that this process may not reach: ${reason}`);
      }
      if (performance.now() - startMs >= timeoutMs) {
        throw new AccessError(`cannot connect to NATS at ${where}: ${reason}`);
      }
      if (attempt === 1) log(`cannot connect to NATS at ${where}: ${reason}; trying again`);
      await new Promise((resolve) => setTimeout(resolve, backoff.next()));
    }
  }
}

/** The codes of errors that a socket reports after its server has closed it. */
const SOCKET_ERRORS: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);
let isGuarded = false;

/**
 * Ignores errors of sockets that the client has already abandoned. It removes their listeners while
 * an error may be on its way, which would then end the process.
 */
export function ignoreAbandonedSockets(): void {
  if (isGuarded) return;
  isGuarded = true;
  globalThis.addEventListener("error", (event) => {
    const { code } = (event.error ?? {}) as { readonly code?: unknown };
    if (!SOCKET_ERRORS.has(code)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
}

/** Node.js's modules report a name that may not be looked up by a code. */
function isPermissionError(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable ||
    (error as { readonly code?: unknown }).code === "EPERM";
}

/**
 * Returns the options that decide about TLS and the user. `credentials` are the text of a file, see
 * {@link Access.credentials}. As in NATS's own tools, a name without a password is a token.
 */
export function securityOf(
  { usesTls, user, password }: Servers,
  credentials: string | undefined,
): ConnectionOptions {
  return {
    ...(usesTls ? { tls: {} } : {}),
    ...(user === undefined
      ? {}
      : password === undefined
      ? { token: user }
      : { user, pass: password }),
    ...(credentials === undefined ? {} : { authenticator: authenticatorOf(credentials) }),
  };
}

/** Reads a file with credentials that a flag names. Throws a {@link UsageError}. */
export function readCredentials(flag: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${flag} ${path} cannot be read: ${reason}`);
  }
}

/** Returns what answers a server's challenge, for the text of a file as in {@link Access}. */
function authenticatorOf(credentials: string): Authenticator {
  const seed = credentials.trim();
  if (/^S[A-Z2-7]+$/.test(seed)) return nkeyAuthenticator(new TextEncoder().encode(seed));
  // NATS's client requires a line break after the last line, which editors remove.
  return credsAuthenticator(new TextEncoder().encode(`${seed}\n`));
}

function requireNetPermission(servers: Servers): void {
  // A name may be permitted together with its addresses, which only an attempt to connect finds out.
  const names = servers.addresses.map((address) => address.replace(/:\d+$/, ""));
  const needed = hostsToPermit(servers) ?? names;
  const isGranted = (host: string) =>
    Deno.permissions.querySync({ name: "net", host }).state === "granted";
  if (needed.every(isGranted)) return;
  throw new AccessError(`NATS needs a permission: deno run ${netPermission(servers)} …`);
}
