/**
 * A client's connection to a scripted node, for tests of clients.
 *
 * @module
 */

import { type Body, RpcError, type Schema } from "../../lib/wire/mod.ts";
import { type Connection, MalformedReplyError } from "../../lib/workload/mod.ts";

/** Returns the reply to a request; undefined lets the call time out. */
export type Script = (request: Body) => Body | undefined;

/** A connection that replies by a script, and records requests. */
export class ScriptedConnection implements Connection {
  readonly node = "n1";
  readonly requests: Body[] = [];
  /** The timeout of each call in milliseconds; undefined for the default. */
  readonly timeouts: (number | undefined)[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  // deno-lint-ignore require-await -- its throws must be rejections, as in a real connection
  async call<T>(request: Body, reply: Schema<T>, timeoutMs?: number): Promise<T> {
    this.requests.push(request);
    this.timeouts.push(timeoutMs);
    const scripted = this.#script(request);
    if (scripted === undefined) throw new RpcError(0, "no reply came");
    const answer = { ...scripted, in_reply_to: this.requests.length };
    if (answer.type === "error") throw RpcError.fromBody(answer);
    const problem = reply.problem(answer, "the reply");
    if (problem !== undefined) {
      throw new MalformedReplyError(this.node, request, answer, reply.expectation, problem);
    }
    return answer as T;
  }
}

/** Returns a connection that replies to each request type with a fixed body. */
export function answering(answers: Readonly<Record<string, Body>>): ScriptedConnection {
  return new ScriptedConnection(({ type }) => answers[type]);
}

/** Returns a connection that replies to every request with an error. */
export function refusing(code: number, text = "no"): ScriptedConnection {
  return new ScriptedConnection(() => ({ type: "error", code, text }));
}
