/**
 * Transports other than stdin and stdout, which a node uses that is started with `--transport URL`.
 *
 * Their modules are loaded when they are needed, so that a plain node starts as fast as without
 * them.
 *
 * @module
 */

import { UsageError } from "../base/mod.ts";
import type { NodeFunction } from "./define_node.ts";

const FLAG = "--transport";

/** The line of a node's help that names transports. */
export const TRANSPORT_HELP =
  "Every node also takes --transport nats://HOST:PORT, see docs/nats.md.";

/** Returns the URL of the transport that arguments name; undefined without one. */
export function transportOf(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === FLAG || arg.startsWith(`${FLAG}=`));
  if (index < 0) return undefined;
  return args[index] === FLAG ? args[index + 1] ?? "" : args[index]?.slice(FLAG.length + 1);
}

/**
 * Runs a program on a transport as this process, and ends it. Throws a {@link UsageError} for an
 * unknown transport, and for arguments that the transport does not accept.
 */
export async function serveOn(
  url: string,
  program: NodeFunction,
  args: readonly string[],
): Promise<never> {
  if (!/^(?:nats|tls):\/\//.test(url)) {
    throw new UsageError(`${FLAG} must be nats://HOST:PORT or tls://HOST:PORT, got "${url}"`);
  }
  const { serveOnNats } = await import("../transport/nats/serve.ts");
  return await serveOnNats(program, args);
}
