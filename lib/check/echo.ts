/**
 * Judges an echo: what comes back is what was sent.
 *
 * @module
 */

import { canonicalJson, isJsonObject } from "../base/mod.ts";
import { type History, type Operation, pairOperations } from "../history/mod.ts";
import {
  capitalise,
  describeOperation,
  describeValue,
  type Explanation,
  MAX_EXPLANATIONS_PER_TYPE,
} from "./explanation.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Checks echoes: an ok operation's value is the body of the reply, whose `echo` must equal the
 * invocation's value. As in Maelstrom, a definite error is a wrong echo, and a request that was
 * never answered is none. `errors` lists what was expected and what came.
 */
export function checkEcho(history: History): Verdict {
  const wrong: { invocation: Operation; completion: Operation }[] = [];
  for (const { invocation, completion } of pairOperations(history)) {
    if (completion === undefined || completion.type === "info") continue;
    if (!isEcho(invocation.value, completion)) wrong.push({ invocation, completion });
  }
  return {
    "valid?": wrong.length === 0,
    errors: wrong.map(({ invocation, completion }) => [
      "Expected a message with :echo",
      invocation.value,
      "But received",
      completion.value,
    ]),
    ...(wrong.length === 0 ? {} : {
      explanations: wrong.slice(0, MAX_EXPLANATIONS_PER_TYPE).map(({ invocation, completion }) =>
        explain(invocation, completion)
      ),
    }),
  };
}

function isEcho(sent: unknown, { value: body }: Operation): boolean {
  const returned = isJsonObject(body) ? body["echo"] ?? null : null;
  return sent === returned || canonicalJson(sent ?? null) === canonicalJson(returned);
}

function explain(invocation: Operation, completion: Operation): Explanation {
  const answer = completion.type === "ok"
    ? `was answered ${describeValue(completion.value)}`
    : `failed: ${describeValue(completion.error)}`;
  return {
    type: "wrong-echo",
    message: capitalise(
      `${describeOperation(invocation)} sent ${describeValue(invocation.value)} and ${answer}.`,
    ),
    operations: [invocation, completion],
  };
}
