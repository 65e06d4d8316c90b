/**
 * Addresses of NATS servers, as flags name them.
 *
 * @module
 */

import { UsageError } from "../../base/mod.ts";

const DEFAULT_PORT = 4222;

/** Servers, and the user's name and password if the address contains them. */
export interface Servers {
  /** Hosts with ports, such as `127.0.0.1:4222`. */
  readonly addresses: readonly string[];
  readonly usesTls: boolean;
  readonly user?: string;
  readonly password?: string;
}

/**
 * Parses the addresses of servers, separated by commas: `nats://HOST:PORT`, or `tls://` for TLS.
 * The name and password may stand before the host of the first one. Throws a {@link UsageError}.
 */
export function parseServers(text: string): Servers {
  const servers = text.split(",").map((part) => parseServer(part.trim()));
  const [{ user, password }] = servers as [ReturnType<typeof parseServer>];
  return {
    addresses: servers.map(({ address }) => address),
    usesTls: servers.some(({ usesTls }) => usesTls),
    ...(user === "" ? {} : { user }),
    ...(password === "" ? {} : { password }),
  };
}

function parseServer(text: string) {
  const [, scheme, rest = ""] = /^(nats|tls):\/\/([^/\s?#]+)\/?$/.exec(text) ?? [];
  // `URL` parses hosts only for schemes that it knows, and omits their default ports.
  const url = scheme === undefined ? null : URL.parse(`http://${rest}`);
  if (url === null || /%(?![0-9a-f]{2})/i.test(url.username + url.password)) {
    // Without the text, which may contain a password.
    throw new UsageError("invalid NATS server; expected nats://HOST:PORT or tls://HOST:PORT");
  }
  const port = /:\d+$/.exec(rest)?.[0] ?? `:${DEFAULT_PORT}`;
  return {
    address: url.hostname + port,
    usesTls: scheme === "tls",
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/**
 * Returns the hosts that a process needs permission for; undefined for any. To look up a name, Deno
 * asks for the name without a port, and for the addresses that it has.
 */
export function hostsToPermit({ addresses }: Servers): readonly string[] | undefined {
  return addresses.every(isIpAddress) ? addresses : undefined;
}

/** Returns the flag that gives the permission for {@link hostsToPermit}. */
export function netPermission(servers: Servers): string {
  const hosts = hostsToPermit(servers);
  return hosts === undefined ? "--allow-net" : `--allow-net=${hosts.join(",")}`;
}

function isIpAddress(address: string): boolean {
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]+\]):\d+$/.test(address);
}
