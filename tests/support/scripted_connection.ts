/**
 * A client's connection to a node that exists only as a function, for tests of clients.
 *
 * @module
 */

import { type Body, RpcError, type Schema } from "../../lib/wire/mod.ts";
import { type Connection, MalformedReplyError } from "../../lib/workload/mod.ts";

/** What the scripted node answers: a body, or nothing, upon which the call times out. */
export type Script = (request: Body) => Body | undefined;

/** A connection that answers by a script and keeps what it was asked. */
export class ScriptedConnection implements Connection {
  readonly node = "n1";
  readonly requests: Body[] = [];
  /** The timeout of each call; undefined where the default was left. */
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

/** Answers each type of request with a body of its own. */
export function answering(answers: Readonly<Record<string, Body>>): ScriptedConnection {
  return new ScriptedConnection(({ type }) => answers[type]);
}

/** Answers everything with an error. */
export function refusing(code: number, text = "no"): ScriptedConnection {
  return new ScriptedConnection(() => ({ type: "error", code, text }));
}
