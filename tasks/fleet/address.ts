/**
 * The flags that name the NATS server of a fleet. This module does not import the client of NATS, so
 * that a command without a fleet does not load it.
 *
 * @module
 */

import { type Flag, flag, UsageError } from "../../lib/base/mod.ts";
import { parseServers, type Servers } from "../../lib/transport/nats/servers.ts";

/** Where a fleet meets. */
export interface FleetAddress {
  /** The addresses of servers, separated by commas. */
  readonly url: string;
  /** The path of a file with credentials: those of NATS (`.creds`), or the seed of an nkey. */
  readonly creds?: string;
}

const url: Flag<string> = {
  placeholder: "URL",
  help: "a fleet's server: nats:// or tls://HOST:PORT",
  expectation: "nats:// or tls:// addresses, separated by commas, such as nats://127.0.0.1:4222",
  parse: (text) => serversOf(text) === undefined ? undefined : text,
};

/** The flags by which a command finds its fleet. */
export const fleetFlags = {
  fleet: url,
  creds: flag.text({ placeholder: "FILE", help: "the user's credentials, for --fleet" }),
} as const;

/** Returns the servers that a text names; undefined if it is not valid. */
function serversOf(text: string): Servers | undefined {
  try {
    return parseServers(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return undefined;
  }
}

/** Returns the addresses without users and passwords, for people. */
export function describeAddress({ url }: FleetAddress): string {
  return url.replaceAll(/\/\/[^/,]*@/g, "//");
}
