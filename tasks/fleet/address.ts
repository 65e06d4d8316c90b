/**
 * The flags that name the NATS server of a fleet. This module does not import the client of NATS, so
 * that a command without a fleet does not load it.
 *
 * @module
 */

import { type Flag, flag } from "../../lib/base/mod.ts";

/** Where a fleet meets. */
export interface FleetAddress {
  /** The addresses of servers, separated by commas. */
  readonly url: string;
  /** The path of a file with the user's JWT and seed, as `nsc generate creds` writes it. */
  readonly creds?: string;
}

const DEFAULT_PORT = 4222;

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

/** The address of a server. */
export interface Server {
  /** With its port. */
  readonly host: string;
  readonly isTls: boolean;
  readonly user: string;
  readonly pass: string;
}

/** Returns the servers that a text names; undefined if it is not valid. */
export function serversOf(text: string): Server[] | undefined {
  const servers: Server[] = [];
  for (const part of text.split(",")) {
    const [, scheme, rest] = /^(nats|tls):\/\/([^/\s?#]+)\/?$/.exec(part.trim()) ?? [];
    // `URL` parses hosts only for schemes that it knows, and omits their default ports.
    const url = rest === undefined ? null : URL.parse(`http://${rest}`);
    if (url === null) return undefined;
    const port = /:\d+$/.exec(rest ?? "")?.[0] ?? `:${DEFAULT_PORT}`;
    if (/%(?![0-9a-f]{2})/i.test(url.username + url.password)) return undefined;
    const [user = "", pass = ""] = [url.username, url.password].map(decodeURIComponent);
    servers.push({ host: url.hostname + port, isTls: scheme === "tls", user, pass });
  }
  return servers;
}

/** Returns the addresses without users and passwords, for people. */
export function describeAddress({ url }: FleetAddress): string {
  return url.replaceAll(/\/\/[^@,]*@/g, "//");
}
