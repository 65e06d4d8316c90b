/**
 * Nodes on a real NATS server, and a client of them, for the checks in this folder. The checks are
 * programs: the tests themselves have no permission for the network.
 *
 * @module
 */

import { connect, type ConnectionOptions, type NatsConnection } from "@nats-io/transport-node";
import type { Body, Host, NodeFunction } from "../../../../lib/node/mod.ts";
import { NodeRuntime } from "../../../../lib/node/mod.ts";
import { connectToNats, ignoreAbandonedSockets } from "../../../../lib/transport/nats/connect.ts";
import { readStatus, type Status } from "../../../../lib/transport/nats/control.ts";
import { NatsNode } from "../../../../lib/transport/nats/nats_node.ts";
import { parseServers } from "../../../../lib/transport/nats/servers.ts";
import { Subjects } from "../../../../lib/transport/nats/subjects.ts";

ignoreAbandonedSockets();

/** The server's address, the first argument of a check. */
export const url: string = Deno.args[0] ?? "";
/** The subjects of the cluster. */
export const subjects: Subjects = new Subjects("test");

/** A node in this process. */
export interface RunningNode {
  readonly node: NatsNode;
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** Starts a node in this process. */
export async function startNode(
  program: NodeFunction,
  id: string,
  nodes: readonly string[],
  outbox: { readonly maxMessages: number; readonly drops: "oldest" | "newest" } = {
    maxMessages: 1000,
    drops: "oldest",
  },
  address = url,
): Promise<RunningNode> {
  const log: string[] = [];
  const connection = await connectToNats({
    servers: parseServers(address),
    name: id,
    inboxPrefix: subjects.replies(id),
    echoes: true,
    log: (line) => log.push(line),
  });
  const host: Omit<Host, "transmit"> = {
    startTimer(delayMs, fn) {
      const timer = setTimeout(fn, delayMs);
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    log: (line) => void log.push(line),
    sometimes: () => {},
    fail(error) {
      throw error;
    },
  };
  const node = new NatsNode({
    connection,
    subjects,
    id,
    nodes,
    host,
    outbox,
    isControlled: false,
    maxMessageBytes: 100_000,
    createRuntime: (transmit) => new NodeRuntime(program, { ...host, transmit }),
  });
  await node.start();
  return {
    node,
    log,
    async stop() {
      await node.stop();
      await connection.close();
    },
  };
}

/** A client of the cluster. */
export class Client {
  /** The connection, for what a client should not do. */
  readonly connection: NatsConnection;

  private constructor(connection: NatsConnection) {
    this.connection = connection;
  }

  /** Connects. */
  static async open(options: ConnectionOptions = {}): Promise<Client> {
    return new Client(await connect({ servers: parseServers(url).addresses[0] ?? "", ...options }));
  }

  /** Sends a request to a node, or to any node; resolves to the reply's body. */
  async call(node: string | undefined, body: Body): Promise<Body> {
    const subject = node === undefined ? subjects.callAny : subjects.call(node);
    const reply = await this.connection.request(subject, JSON.stringify(body), { timeout: 8000 });
    return reply.json();
  }

  /** Returns a node's status; `content` is the control's text. */
  async status(node: string, content = "{}"): Promise<Status> {
    const reply = await this.connection.request(subjects.control(node), content, { timeout: 2000 });
    const status = readStatus(reply.string());
    if (status === undefined) throw new Error(`not a status: ${reply.string()}`);
    return status;
  }
}

/** Resolves when a condition holds; rejects after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 10) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never held: ${holds}`);
}
