/**
 * The flags of a node that runs on NATS. They stand beside the node's own flags.
 *
 * @module
 */

import { type Flag, flag, type FlagValues, parseFlags, UsageError } from "../../base/mod.ts";
import { isNodeId, parseNodeIds } from "../../wire/mod.ts";
import { OUTBOX_DROPS } from "./outbox.ts";
import { CLUSTER_NAME } from "./subjects.ts";

/** The name of a cluster that is not given one. */
const DEFAULT_CLUSTER = "default";

/** The flag `--cluster`. */
export const clusterFlag: Flag<string> = {
  placeholder: "NAME",
  help: "cluster, of several on one server",
  expectation: "1 to 64 letters, digits, - and _",
  parse: (value) => CLUSTER_NAME.test(value) ? value : undefined,
};

const nodeId: Flag<string> = {
  placeholder: "ID",
  help: "this node's id (required)",
  expectation: "an id that is none of a client (c…) or a service",
  parse: (value) => isNodeId(value) ? value : undefined,
};

const nodeIds: Flag<readonly string[]> = {
  placeholder: "A,B,…",
  help: "all nodes' ids (required)",
  expectation: "comma-separated distinct ids, none of a client (c…) or a service",
  parse: parseNodeIds,
};

/** The flags of every node on NATS. */
export const transportFlags = {
  transport: flag.text({ placeholder: "URL", help: "nats://HOST:PORT, or tls:// (required)" }),
  "node-id": nodeId,
  nodes: nodeIds,
  cluster: { ...clusterFlag, default: DEFAULT_CLUSTER },
  creds: flag.text({ placeholder: "FILE", help: "credentials of NATS, or the seed of an nkey" }),
  "show-permissions": flag.toggle({ help: "print what the node needs on a server" }),
  controlled: flag.toggle({ help: "start when a workbench asks for it" }),
  "max-message-bytes": flag.number({
    placeholder: "N",
    help: "larger messages are refused",
    default: 1024 * 1024,
    min: 1024,
    integer: true,
  }),
  "outbox-messages": flag.number({
    placeholder: "N",
    help: "messages that wait for one peer, at most",
    default: 10_000,
    min: 1,
    integer: true,
  }),
  "outbox-drops": flag.oneOf(OUTBOX_DROPS, {
    placeholder: "WHICH",
    help: "message to drop then: oldest or newest",
    default: "oldest",
  }),
} as const;

/** The values of these flags. */
export type TransportFlags =
  & FlagValues<typeof transportFlags>
  & { readonly transport: string; readonly "node-id": string; readonly nodes: readonly string[] };

/**
 * Separates a node's arguments from those of its transport. Throws a {@link UsageError} for invalid
 * ones of the transport.
 */
export function readTransportArguments(
  args: readonly string[],
): { readonly flags: TransportFlags; readonly nodeArgs: readonly string[] } {
  const own: string[] = [];
  const nodeArgs: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] as string;
    const [name = "", value] = argument.split("=", 2);
    if (!name.startsWith("--") || !Object.hasOwn(transportFlags, name.slice(2))) {
      nodeArgs.push(argument);
      continue;
    }
    own.push(argument);
    const takesValue =
      transportFlags[name.slice(2) as keyof typeof transportFlags].default !== false;
    if (takesValue && value === undefined && index + 1 < args.length) {
      own.push(args[++index] as string);
    }
  }
  const { flags } = parseFlags(own, transportFlags, "");
  for (const name of ["transport", "node-id", "nodes"] as const) {
    if (flags[name] === undefined) throw new UsageError(`a node on NATS needs --${name}`);
  }
  const given = flags as TransportFlags;
  if (!given.nodes.includes(given["node-id"])) {
    throw new UsageError(
      `--nodes must contain --node-id ${given["node-id"]}, got ${given.nodes.join(",")}`,
    );
  }
  return { flags: given, nodeArgs };
}
