/**
 * Addresses of NATS servers, as flags name them.
 *
 * @module
 */

import { UsageError } from "../../base/mod.ts";

const DEFAULT_PORT = 4222;

/** The servers, and the name and the password in their address, if there are any. */
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
  const urls = text.split(",").map((part) => parseServer(part.trim()));
  const [first] = urls as [URL];
  return {
    addresses: urls.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`),
    usesTls: urls.some(({ protocol }) => protocol === "tls:"),
    ...(first.username === "" ? {} : { user: decodeURIComponent(first.username) }),
    ...(first.password === "" ? {} : { password: decodeURIComponent(first.password) }),
  };
}

function parseServer(text: string): URL {
  const expected = "expected nats://HOST:PORT or tls://HOST:PORT";
  if (!/^(?:nats|tls):\/\//.test(text)) {
    throw new UsageError(`invalid NATS server ${JSON.stringify(text)}; ${expected}`);
  }
  try {
    const url = new URL(text);
    if (url.hostname !== "" && url.pathname.replace("/", "") === "") return url;
  } catch {
    // Reported below, without the password that the address may contain.
  }
  throw new UsageError(`invalid NATS server; ${expected}`);
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
