/**
 * A node on NATS: the same program, whose messages are published and subscribed to.
 *
 * The transport checks each message before the node receives it: its size, its form, and that its
 * sender is the one in its subject. It counts the messages that it refuses, and logs the first ones.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import type { Msg, NatsConnection, Subscription } from "npm:@nats-io/transport-node@3.4.0";
import type { Host, NodeRuntime } from "../../node/mod.ts";
import { ErrorCode, isClientId, type Message, SERVICES } from "../../wire/mod.ts";
import { IncomingCalls } from "./calls.ts";
import { type Counts, readControl, type Status } from "./control.ts";
import { Outbox, type OutboxParts } from "./outbox.ts";
import { Services } from "./services.ts";
import { senderOf, type Subjects } from "./subjects.ts";

/** A larger control is refused before it is parsed. */
const MAX_CONTROL_BYTES = 64 * 1024;
/** The most bytes that wait for one peer. */
const MAX_OUTBOX_BYTES = 16 * 1024 * 1024;
/** Further refused messages are only counted. */
const MAX_LOGGED_PROBLEMS = 20;
/** The sender of the `init` with which a node starts itself. */
const STARTER = "transport";
/** The queue group of the nodes, of which one receives a request to any node. */
const QUEUE = "nodes";

/** What a node runs on. */
export interface NatsNodeParts {
  readonly connection: NatsConnection;
  readonly subjects: Subjects;
  readonly id: string;
  readonly nodes: readonly string[];
  readonly outbox: Pick<OutboxParts, "maxMessages" | "drops">;
  /** Whether the node starts at its first control, not before. */
  readonly isControlled: boolean;
  /** Larger messages are neither sent nor received. */
  readonly maxMessageBytes: number;
  readonly host: Pick<Host, "startTimer" | "log" | "fail" | "random">;
  /** Creates the node, whose messages go to `transmit`. */
  createRuntime(transmit: Host["transmit"]): NodeRuntime;
}

/** A running node. */
export class NatsNode {
  readonly #parts: NatsNodeParts;
  readonly #runtime: NodeRuntime;
  readonly #outbox: Outbox;
  readonly #calls: IncomingCalls;
  readonly #services: Services;
  readonly #encoder = new TextEncoder();
  readonly #incarnation: string;
  readonly #subscriptions: Subscription[] = [];
  readonly #counts: Omit<Counts, "overflowed"> = {
    received: 0,
    requests: 0,
    sent: 0,
    malformed: 0,
    oversized: 0,
    partitioned: 0,
  };
  #loggedProblems = 0;
  #drops: ReadonlySet<string> = new Set();
  #isObserved = false;
  #isStarted = false;
  #isConnected = true;

  /** Creates a node. It receives nothing before {@link NatsNode.start}. */
  constructor(parts: NatsNodeParts) {
    this.#parts = parts;
    const { connection, subjects, id, outbox, host } = parts;
    this.#incarnation = Math.floor(host.random() * 2 ** 52).toString(36);
    this.#runtime = parts.createRuntime((message) => this.#transmit(message));
    this.#outbox = new Outbox({
      ...outbox,
      maxBytes: MAX_OUTBOX_BYTES,
      publish: (subject, payload) => connection.publish(subject, payload),
      confirm: () => connection.flush(),
    });
    this.#calls = new IncomingCalls(
      id,
      host,
      (text, src) => this.#runtime.receiveText(text, src),
    );
    this.#services = new Services(connection, subjects, () => this.#isConnected);
  }

  /** What the transport has counted so far. */
  get counts(): Counts {
    return { ...this.#counts, overflowed: this.#outbox.dropped };
  }

  /** Starts the program, and receives from now on. Resolves when the server has subscribed it. */
  async start(): Promise<void> {
    const { connection, subjects, id, isControlled } = this.#parts;
    this.#watchConnection();
    this.#subscribe(subjects.control(id), (message) => this.#control(message));
    if (!isControlled) this.#startProgram();
    await connection.flush();
  }

  #startProgram(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { subjects, id, nodes } = this.#parts;
    this.#subscribe(subjects.messagesTo(id), (message) => this.#receive(message));
    const body = { type: "init", msg_id: 0, node_id: id, node_ids: [...nodes] };
    this.#runtime.receive({ src: STARTER, dest: id, body });
    this.#subscribe(subjects.call(id), (message) => this.#call(message));
    this.#subscribe(subjects.callAny, (message) => this.#call(message), QUEUE);
  }

  /**
   * Stops the node: it receives nothing more, running handlers finish, and what it has sent leaves
   * the outbox.
   */
  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await this.#runtime.finish();
    await this.#outbox.drained();
    await this.#parts.connection.flush();
  }

  #subscribe(subject: string, handle: (message: Msg) => void, queue?: string): void {
    const { connection, host } = this.#parts;
    const options = queue === undefined ? {} : { queue };
    this.#subscriptions.push(connection.subscribe(subject, {
      ...options,
      callback: (error, message) => {
        if (error === null) handle(message);
        else {
          host.fail(
            new Error(
              `NATS refused the subscription to ${subject}: ${error.message}; give this node's user ` +
                "the permissions that --show-permissions prints",
            ),
          );
        }
      },
    }));
  }

  async #watchConnection(): Promise<void> {
    const { connection, host } = this.#parts;
    for await (const status of connection.status()) {
      if (status.type === "disconnect") {
        this.#isConnected = false;
        host.log("disconnected from NATS; reconnecting");
        this.#outbox.setConnected(false);
      } else if (status.type === "reconnect") {
        this.#isConnected = true;
        host.log("connected to NATS again");
        this.#outbox.setConnected(true);
      } else if (status.type === "error") {
        this.#logProblem(`NATS: ${status.error.message}`);
      }
    }
  }

  #transmit(message: Message): void {
    const { subjects, id } = this.#parts;
    const { dest } = message;
    if (SERVICES.some((service) => service === dest)) return void this.#request(message);
    if (dest === STARTER) return;
    const fitting = this.#fit(message);
    if (fitting === undefined || this.#calls.reply(fitting.message)) return;
    this.#counts.sent++;
    this.#outbox.push(dest, subjects.message(dest, id), fitting.payload);
  }

  /** Encodes a message; a reply that is too large becomes an error, anything else is not sent. */
  #fit(message: Message): { readonly message: Message; readonly payload: Uint8Array } | undefined {
    const payload = this.#encoder.encode(stringifyJson(message));
    const { connection, maxMessageBytes } = this.#parts;
    const maxBytes = Math.min(maxMessageBytes, connection.info?.max_payload ?? maxMessageBytes);
    if (payload.length <= maxBytes) return { message, payload };
    const { type, in_reply_to } = message.body;
    const text = `'${type}' takes ${payload.length} bytes, expected at most ${maxBytes} ` +
      "(--max-message-bytes, and the server's max_payload)";
    this.#counts.oversized++;
    this.#logProblem(`did not send to ${message.dest}: ${text}`);
    if (in_reply_to === undefined || type === "error") return undefined;
    const body = { type: "error", code: ErrorCode.crash, text, in_reply_to };
    return this.#fit({ ...message, body });
  }

  async #request(request: Message): Promise<void> {
    const { dest: service, src: id } = request;
    const { msg_id, ...body } = request.body;
    this.#observe(request);
    const reply = await this.#services.handle(service, body as typeof request.body);
    if (msg_id === undefined) return;
    const message = { src: service, dest: id, body: { ...reply, in_reply_to: msg_id } };
    this.#observe(message);
    this.#runtime.receive(message);
  }

  /** Shows a message to or from a service to observers. */
  #observe(message: Message): void {
    if (!this.#isObserved) return;
    const { subjects, id } = this.#parts;
    const fitting = this.#fit(message);
    if (fitting === undefined) return;
    const subject = subjects.service(message.dest, message.src);
    this.#outbox.push(`service ${id}`, subject, fitting.payload);
  }

  #receive(message: Msg): void {
    if (this.#isOversized(message, this.#parts.maxMessageBytes)) return;
    const src = senderOf(message.subject);
    if (src === undefined) return this.#refuse(`the sender in ${message.subject} is malformed`);
    if (this.#drops.has(src)) {
      this.#counts.partitioned++;
      return;
    }
    this.#count(this.#runtime.receiveText(message.string(), src), isClientId(src));
  }

  #call(message: Msg): void {
    const respond = (text: string) => message.respond(text);
    const { maxMessageBytes } = this.#parts;
    if (this.#isOversized(message, maxMessageBytes)) {
      const text = `a request may take ${maxMessageBytes} bytes, got ${message.data.length}`;
      respond(stringifyJson({ type: "error", code: ErrorCode.malformedRequest, text }));
      return;
    }
    if ((message.reply ?? "") === "") {
      return this.#refuse("a request without a subject for replies");
    }
    this.#count(this.#calls.receive({ respond, text: () => message.string() }), true);
  }

  #count(problem: string | undefined, isRequest: boolean): void {
    if (problem !== undefined) return this.#refuse(problem);
    this.#counts.received++;
    if (isRequest) this.#counts.requests++;
  }

  #control(message: Msg): void {
    if (this.#isOversized(message, MAX_CONTROL_BYTES)) return;
    const control = readControl(message.string());
    if (typeof control === "string") {
      message.respond(stringifyJson({ problem: control }));
      return this.#refuse(control);
    }
    if (control.drops !== undefined) this.#drops = new Set(control.drops);
    if (control.observed !== undefined) this.#isObserved = control.observed;
    this.#startProgram();
    const { id, nodes } = this.#parts;
    const status: Status = { id, nodes, incarnation: this.#incarnation, counts: this.counts };
    message.respond(JSON.stringify(status));
  }

  #isOversized({ data, subject }: Msg, maxBytes: number): boolean {
    if (data.length <= maxBytes) return false;
    this.#counts.oversized++;
    this.#logProblem(`skipped ${data.length} bytes on ${subject}, at most ${maxBytes} are read`);
    return true;
  }

  #refuse(problem: string): void {
    this.#counts.malformed++;
    this.#logProblem(`skipped a message: ${problem}`);
  }

  #logProblem(problem: string): void {
    if (this.#loggedProblems++ < MAX_LOGGED_PROBLEMS) this.#parts.host.log(problem);
  }
}
