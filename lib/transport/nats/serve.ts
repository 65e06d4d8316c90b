/**
 * Runs a node as a process on NATS: `nodes/echo.ts --transport nats://HOST:PORT --node-id n0
 * --nodes n0,n1`. It starts itself, as no workbench sends it `init`.
 *
 * SIGTERM and SIGINT end it gracefully: it receives nothing more, running handlers finish, and what
 * it has sent is delivered to the server. Then it exits with 0.
 *
 * @module
 */

import { asksForHelp, describeFlags, HelpRequest, UsageError } from "../../base/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import {
  endWithFailure,
  MAX_SHUTDOWN_MS,
  prepareNode,
  printLog,
  processHost,
  reportUncaughtErrors,
} from "../../node/process_host.ts";
import { AccessError, connectToNats, readCredentials } from "./connect.ts";
import { readTransportArguments, type TransportFlags, transportFlags } from "./flags.ts";
import { NatsNode } from "./nats_node.ts";
import { parseServers } from "./servers.ts";
import { Subjects } from "./subjects.ts";

/** Runs a program as this process, with all its arguments, until a signal ends it. */
export async function serveOnNats(
  program: NodeFunction,
  args: readonly string[],
): Promise<never> {
  if (asksForHelp(args)) {
    throw new HelpRequest(
      `A node on NATS takes, beside its own flags:\n${describeFlags(transportFlags)}`,
    );
  }
  const { flags, nodeArgs } = readTransportArguments(args);
  if (flags["show-permissions"]) {
    const permissions = new Subjects(flags.cluster).permissions(flags["node-id"]);
    throw new HelpRequest(JSON.stringify(permissions, null, 2));
  }
  try {
    await run(program, flags, nodeArgs);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    endWithFailure(error instanceof AccessError ? error.message : error);
  }
  Deno.exit(0);
}

async function run(
  program: NodeFunction,
  flags: TransportFlags,
  nodeArgs: readonly string[],
): Promise<void> {
  const { nodes, "node-id": id } = flags;
  const subjects = new Subjects(flags.cluster);
  const servers = parseServers(flags.transport);
  // Arguments are checked before anything waits for a server.
  let transmit: Parameters<typeof processHost>[0] = () => {};
  const host = processHost((message) => transmit(message));
  const runtime = await prepareNode(program, host, nodeArgs);
  reportUncaughtErrors();
  const connection = await connectToNats({
    servers,
    name: `${flags.cluster} ${id}`,
    inboxPrefix: subjects.replies(id),
    credentials: flags.creds === undefined ? undefined : readCredentials("--creds", flags.creds),
    // A node may send a message to itself.
    echoes: true,
    log: printLog,
  });
  const node = new NatsNode({
    connection,
    subjects,
    id,
    nodes,
    host,
    isControlled: flags.controlled,
    maxMessageBytes: flags["max-message-bytes"],
    outbox: { maxMessages: flags["outbox-messages"], drops: flags["outbox-drops"] },
    createRuntime(send) {
      transmit = send;
      return runtime;
    },
  });
  await node.start();
  const closed = connection.closed().then((error) => {
    throw new AccessError(`NATS has closed the connection: ${error?.message ?? "no reason given"}`);
  });
  await Promise.race([untilSignal(), closed]);
  closed.catch(() => {});
  await Promise.race([node.stop(), new Promise((resolve) => setTimeout(resolve, MAX_SHUTDOWN_MS))]);
}

/** Resolves at the first signal that ends a process; the second one ends it immediately. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    const stop = () => {
      if (!isFirst) Deno.exit(1);
      isFirst = false;
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  });
}
