/**
 * Runs a node's program: reads lines or messages, starts the program at `init`, calls its handlers,
 * and sends their replies.
 *
 * No input ends a node. A malformed line is logged and skipped, an unknown type is answered with
 * error 10, a handler that throws with error 13. Messages that arrive before `init` (peers may send
 * early) wait for it and are then handled in arrival order.
 *
 * @module
 */

import { nestsDeeperThan, parseJson } from "../base/mod.ts";
import {
  type Body,
  ErrorCode,
  type Infer,
  isClientId,
  type Message,
  RpcError,
  schema,
  toMessage,
} from "../wire/mod.ts";
import { NodeContext } from "./context.ts";
import type { NodeFunction } from "./define_node.ts";
import type { Host } from "./host.ts";
import { type PreparedProgram, prepareProgram } from "./prepare_program.ts";

const MAX_EARLY_MESSAGES = 10_000;
/**
 * How deep a client's message may nest. Its payload travels inside larger messages, which the
 * workbench and Maelstrom's reader accept up to a depth of 1,000, as {@link schema.json} does.
 */
const MAX_NESTING = 500;

const initRequest = schema.object({
  node_id: schema.string,
  node_ids: schema.array(schema.string),
});

const initOk: Body = { type: "init_ok" };

/** The runtime of one node. */
export class NodeRuntime {
  readonly #host: Host;
  readonly #program: PreparedProgram;
  readonly #early: Message[] = [];
  #context: NodeContext | undefined;
  /** Whether the program's promise is pending, so that it may still register handlers. */
  #isStarting = false;
  #started: Promise<void> | undefined;

  /**
   * Prepares `program` with its command-line arguments. Throws a `UsageError` for arguments that
   * the program does not accept. The program starts when `init` arrives.
   */
  constructor(program: NodeFunction, host: Host, args: readonly string[] = []) {
    this.#host = host;
    this.#program = prepareProgram(program, args);
  }

  /** Whether the program keeps data on disk. */
  get persists(): boolean {
    return this.#program.persists;
  }

  /** The state that the program exposes; undefined before `init`. */
  get state(): unknown {
    return this.#context?.readState();
  }

  /** Handles a line of input. Logs and skips an invalid one; skips blank lines silently. */
  receiveLine(line: string): void {
    const problem = this.receiveText(line);
    if (problem !== undefined && line.trim() !== "") {
      this.#host.log(`skipped a line of input: ${problem}`);
    }
  }

  /**
   * Handles the JSON text of a message. Returns why it skipped the text: it is not a message, or its
   * sender is not `src`, if that is known; undefined for a message that it handles.
   */
  receiveText(text: string, src?: string): string | undefined {
    let message: Message;
    try {
      message = toMessage(parseJson(text));
    } catch (error) {
      return (error as Error).message;
    }
    if (src !== undefined && message.src !== src) {
      return `'src' must be "${src}", the sender in the subject, got ${
        JSON.stringify(message.src)
      }`;
    }
    if (isClientId(message.src) && nestsDeeperThan(text, MAX_NESTING)) this.#refuseDeep(message);
    else this.receive(message);
    return undefined;
  }

  /** Handles a message. */
  receive(message: Message): void {
    const context = this.#context;
    if (message.body.type === "init" && message.body.in_reply_to === undefined) {
      this.#init(message);
    } else if (context === undefined || (this.#isStarting && !context.canHandle(message))) {
      if (this.#early.length < MAX_EARLY_MESSAGES) this.#early.push(message);
      else this.#host.log(`dropped a ${describe(message)}: ${MAX_EARLY_MESSAGES} wait for init`);
    } else {
      context.deliver(message);
    }
  }

  /**
   * Ends the input: outstanding calls reject with a timeout. Resolves when no handler is running, and
   * the program has recovered its disk.
   */
  async finish(): Promise<void> {
    if (this.persists) await this.#started;
    await this.#context?.finish();
  }

  #refuseDeep(message: Message): void {
    const text = `a message may nest at most ${MAX_NESTING} levels deep`;
    this.#host.log(`refused a ${describe(message)}: ${text}`);
    this.#context?.reply(message, new RpcError(ErrorCode.malformedRequest, text).toBody());
  }

  #init(message: Message): void {
    if (this.#context !== undefined) return this.#context.reply(message, initOk);
    const problem = initRequest.problem(message.body, "init");
    if (problem !== undefined) return this.#refuseInit(message, problem);
    const { node_id: id, node_ids: nodes } = message.body as Body & Infer<typeof initRequest>;
    const context = new NodeContext({ id, nodes, persists: this.persists }, this.#host);
    this.#context = context;
    try {
      const started = this.#program.start(context);
      if (started instanceof Promise) {
        this.#isStarting = true;
        this.#started = this.#initLater(context, message, started);
      } else {
        context.reply(message, initOk);
      }
    } catch (error) {
      return this.#host.fail(error);
    }
    this.#receiveEarly();
  }

  /** Handles the messages that waited, as far as their handlers are registered. */
  #receiveEarly(): void {
    for (const early of this.#early.splice(0)) this.receive(early);
  }

  async #initLater(
    context: NodeContext,
    message: Message,
    started: Promise<unknown>,
  ): Promise<void> {
    try {
      await started;
      this.#isStarting = false;
      context.reply(message, initOk);
      this.#receiveEarly();
    } catch (error) {
      this.#host.fail(error);
    }
  }

  #refuseInit(message: Message, problem: string): void {
    this.#host.log(`refused init: ${problem}`);
    const { msg_id } = message.body;
    if (msg_id === undefined) return;
    const error = new RpcError(ErrorCode.malformedRequest, problem).toBody();
    // The node has no id yet, so it replies from the id that the message was sent to.
    const body = { ...error, in_reply_to: msg_id };
    this.#host.transmit({ src: message.dest, dest: message.src, body });
  }
}

/** Describes a message in the log. */
function describe({ src, body }: Message): string {
  return `'${body.type}' from ${src}`;
}
