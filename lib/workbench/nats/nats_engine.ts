/**
 * The engine nats: nodes that exchange messages over a NATS server, as they do when they run on
 * several machines. The workbench starts them as processes, or joins those that run elsewhere.
 *
 * Its clients send and receive over NATS. It records messages between nodes by a subscription to all
 * subjects of the cluster: it sees them when the server forwards them, and cannot delay or lose
 * them. So the network of the workbench only records, and partitions act in the nodes' transport.
 *
 * @module
 */

import type { Msg, NatsConnection } from "npm:@nats-io/transport-node@3.4.0";
import {
  AccessError,
  connectToNats,
  ignoreAbandonedSockets,
  readCredentials,
} from "../../transport/nats/connect.ts";
import { netPermission, parseServers } from "../../transport/nats/servers.ts";
import { senderOf, Subjects } from "../../transport/nats/subjects.ts";
import { isClientId, SERVICES } from "../../wire/mod.ts";
import type { Clock } from "../clock.ts";
import { type Engine, type NodeHandle, type NodeListener, StartError } from "../engine.ts";
import { readOutputLine } from "../output_line.ts";
import { findNodeCommand, type NodeCommand } from "../process/node_command.ts";
import { NodeProcesses } from "../process/node_processes.ts";
import { RealClock } from "../process/real_clock.ts";
import { requireProcessGroups } from "../process/watchdog.ts";
import { MAX_PAYLOAD_BYTES, type NatsServer, startNatsServer } from "./nats_server.ts";
import { control, NodeOnNats, type Wire } from "./node_on_nats.ts";

const WORKBENCH = "workbench";
const CONNECT_TIMEOUT_MS = 30_000;
/** A node that runs may be busy; the server reports a node that is not there immediately. */
const JOIN_TIMEOUT_MS = 10_000;
/** The faults that need a network of the workbench between the nodes. */
const MISSING_FAULTS = ["skew", "disk", "loss", "duplicate", "reorder", "slow", "slow-services"];
/** The faults that need the nodes' processes. */
const PROCESS_FAULTS = ["kill", "pause"];

/** What the engine runs. */
export interface NatsEngineOptions {
  /** The ids of all nodes. */
  readonly nodes: readonly string[];
  /** The program of a node and its arguments; undefined to join nodes that run elsewhere. */
  readonly program: { readonly bin: string; readonly args: readonly string[] } | undefined;
  /** The cluster's name. */
  readonly cluster: string;
  /** Returns the folder in which nodes keep what they persist; by default a temporary one. */
  readonly disks?: () => string;
  /** A running server, and the path of a file with credentials; starts a server if undefined. */
  readonly server: { readonly url: string; readonly credentials?: string } | undefined;
}

/** Runs nodes on NATS. */
export class NatsEngine implements Engine {
  readonly name = "nats";
  readonly missingFaults: readonly string[];
  readonly hasServices = true;
  readonly programHint =
    "The engine nats runs programs of this project's node library, which take --transport.";
  readonly #options: NatsEngineOptions;
  readonly #subjects: Subjects;
  readonly #clock = new RealClock();
  readonly #processes: NodeProcesses;
  readonly #listeners = new Map<string, NodeListener>();
  #server: NatsServer | undefined;
  #connection: NatsConnection | undefined;
  #wire: Wire | undefined;

  /** Throws a {@link StartError} if the program cannot be run. */
  constructor(options: NatsEngineOptions) {
    requireProcessGroups(Deno.build.os);
    ignoreAbandonedSockets();
    this.#options = options;
    this.#subjects = new Subjects(options.cluster);
    this.#processes = new NodeProcesses(options.disks);
    const { program } = options;
    if (program !== undefined) findNodeCommand(program.bin, program.args);
    this.missingFaults = program === undefined
      ? [...MISSING_FAULTS, ...PROCESS_FAULTS]
      : MISSING_FAULTS;
  }

  /** Real time. */
  get clock(): Clock {
    return this.#clock;
  }

  start(id: string, listener: NodeListener): NodeHandle {
    this.#listeners.set(id, listener);
    const wire = this.#wire as Wire;
    const { program } = this.#options;
    if (program === undefined) return new NodeOnNats(id, wire, this.#subjects, undefined);
    const process = this.#processes.start(id, this.#command(id, program), {
      ...listener,
      // Its messages go to NATS, so its stdout is a log.
      sent: () => {},
      malformedOutput: (line) => listener.logged(line),
    });
    return new NodeOnNats(id, wire, this.#subjects, process);
  }

  async run<T>(test: () => Promise<T>): Promise<T> {
    try {
      return await this.#processes.run(async () => {
        await this.#open();
        return await test();
      });
    } finally {
      await this.#connection?.close();
      await this.#server?.stop();
      this.#clock.close();
    }
  }

  async #open(): Promise<void> {
    const { nodes, server, program } = this.#options;
    if (server === undefined) {
      const permissions = new Map(nodes.map((id) => [id, this.#subjects.permissions(id)]));
      this.#server = await startNatsServer(permissions, this.#processes.watchdog);
    }
    const connection = this.#connection = await this.#connect();
    const wire: Wire = this.#wire = {
      publish: (subject, text) => connection.publish(subject, text),
      request: async (subject, text, timeout) =>
        (await connection.request(subject, text, { timeout })).string(),
    };
    const observe = { callback: (_: Error | null, message: Msg) => this.#observe(message) };
    connection.subscribe(this.#subjects.messages, observe);
    connection.subscribe(this.#subjects.services, observe);
    await connection.flush();
    if (program !== undefined) return;
    const joined = await Promise.allSettled(nodes.map((id) => this.#join(id, wire)));
    // Of several nodes that cannot be tested, the first one is reported.
    for (const result of joined) if (result.status === "rejected") throw result.reason;
  }

  async #connect(): Promise<NatsConnection> {
    const { server } = this.#options;
    const credentials = server?.credentials === undefined
      ? this.#server?.seed
      : readCredentials("--nats-creds", server.credentials);
    try {
      return await connectToNats({
        servers: parseServers(this.#url),
        credentials,
        name: WORKBENCH,
        inboxPrefix: this.#subjects.replies(WORKBENCH),
        timeoutMs: CONNECT_TIMEOUT_MS,
        log: () => {},
      });
    } catch (error) {
      throw error instanceof AccessError ? new StartError(error.message) : error;
    }
  }

  get #url(): string {
    return (this.#options.server?.url ?? this.#server?.url) as string;
  }

  /** Throws a {@link StartError} unless a node that runs elsewhere can be tested. */
  async #join(id: string, wire: Wire): Promise<void> {
    const { nodes, cluster } = this.#options;
    const where = `node ${id} in the cluster ${cluster}`;
    const content = { observed: true };
    const reply = control(wire, this.#subjects, id, content, JOIN_TIMEOUT_MS);
    const status = await reply.catch(() => {
      const servers = parseServers(this.#url).addresses.map((host) => `nats://${host}`);
      throw new StartError(
        `There is no ${where}. Start it with --transport ${servers.join(",")} --node-id ${id} ` +
          `--nodes ${nodes.join(",")} --cluster ${cluster}.`,
      );
    });
    if (status.nodes.join() !== nodes.join()) {
      throw new StartError(
        `The ${where} runs with --nodes ${status.nodes.join(",")}, but the test is of ` +
          `${nodes.join(",")}. Give both the same nodes.`,
      );
    }
    // Replies would have values that no operation of the test wrote.
    if (status.counts.requests > 0) {
      throw new StartError(`The ${where} has served clients before. Restart it without its data.`);
    }
  }

  /** Records a message that the server forwarded. */
  #observe(message: Msg): void {
    const src = senderOf(message.subject) ?? "";
    const isService = SERVICES.some((service) => service === src);
    if (isClientId(src)) return; // The connection of the workbench sends it, or another client.
    const { message: sent, problem } = readOutputLine(message.string());
    const listener = this.#listeners.get(isService ? sent?.dest ?? "" : src);
    if (listener === undefined) return;
    if (problem !== undefined) {
      listener.malformedOutput(message.string(), problem, { isAccepted: sent !== undefined });
    }
    if (sent === undefined) return;
    if (isService) listener.observed?.(sent);
    else listener.sent(sent);
  }

  #command(id: string, { bin, args }: { bin: string; args: readonly string[] }): NodeCommand {
    const { nodes, cluster, server } = this.#options;
    const credentials = server === undefined ? this.#server?.seedFiles.get(id) : server.credentials;
    const transport = [
      ...["--transport", this.#url, "--cluster", cluster, "--controlled"],
      ...["--node-id", id, "--nodes", nodes.join(",")],
      ...["--max-message-bytes", `${MAX_PAYLOAD_BYTES}`],
      ...(credentials === undefined ? [] : ["--creds", credentials]),
    ];
    const permissions = [
      netPermission(parseServers(this.#url)),
      ...(credentials === undefined ? [] : [`--allow-read=${credentials}`]),
    ];
    return findNodeCommand(bin, [...args, ...transport], permissions);
  }
}
