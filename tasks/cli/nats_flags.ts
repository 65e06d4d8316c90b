/**
 * The flags of `--engine nats`, and of the gateway.
 *
 * @module
 */

import { type Flag, flag, type FlagValues, UsageError } from "../../lib/base/mod.ts";
import { clusterFlag, transportFlags } from "../../lib/transport/nats/flags.ts";

/** The flags of the engine nats. */
export const natsFlags = {
  nats: flag.text({ placeholder: "URL", help: "server of --engine nats (starts its own)" }),
  "nats-creds": flag.text({ placeholder: "FILE", help: "credentials for it, or an nkey's seed" }),
  "nats-join": { ...clusterFlag, help: "test a cluster that runs already: no --bin" },
} as const;

const listen: Flag<{ readonly hostname: string; readonly port: number }> = {
  placeholder: "HOST:PORT",
  help: "address for HTTP",
  expectation: "a host and a port, such as 127.0.0.1:8080",
  parse(value) {
    const [, hostname, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(value) ?? [];
    const isValid = hostname !== undefined && Number(port) <= 65_535;
    return isValid ? { hostname, port: Number(port) } : undefined;
  },
};

/** The flags of the gateway. */
export const gatewayFlags = {
  nats: flag.text({ placeholder: "URL", help: "nats://HOST:PORT, or tls:// (required)" }),
  creds: transportFlags.creds,
  cluster: transportFlags.cluster,
  listen: {
    ...listen,
    default: { hostname: "127.0.0.1", port: 8080 },
    defaultText: "127.0.0.1:8080",
  },
  "max-message-bytes": transportFlags["max-message-bytes"],
  help: flag.help,
} as const;

/** The values of the engine's flags that are given. */
export type NatsFlags = Partial<FlagValues<typeof natsFlags>>;

/**
 * Throws a {@link UsageError} for flags of the engine nats that lack each other, or the engine, and
 * for options of a test that it cannot honour.
 */
export function requireNatsFlags(
  flags: NatsFlags & { readonly engine?: string; readonly bin?: string; readonly latency?: number },
): void {
  const given = (name: keyof typeof natsFlags) => flags[name] !== undefined;
  const names = (Object.keys(natsFlags) as (keyof typeof natsFlags)[]).filter(given);
  if (flags.engine !== "nats") {
    if (names.length > 0) throw new UsageError(`--${names[0]} needs --engine nats`);
    return;
  }
  if (given("nats-creds") && !given("nats")) {
    throw new UsageError("--nats-creds needs --nats nats://HOST:PORT");
  }
  if (given("nats-join")) {
    if (!given("nats")) {
      throw new UsageError("--nats-join needs --nats nats://HOST:PORT, where the nodes run");
    }
    if (flags.bin !== undefined) {
      throw new UsageError("--nats-join tests nodes that run already; leave --bin out");
    }
  }
  if ((flags.latency ?? 0) > 0) {
    throw new UsageError(
      "--latency: the engine nats has the latency of its network; use --engine process or sim",
    );
  }
}
