/**
 * Checks that a node echoes each payload unchanged.
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

/** The verdict of {@link checkEcho}. */
export interface EchoVerdict extends Verdict {
  /** The expected and the received value of each incorrect echo, with Maelstrom's words. */
  readonly errors: readonly unknown[];
}

/**
 * Checks echoes: an ok operation's value is the body of the reply, whose `echo` must equal the
 * invocation's value. As in Maelstrom, a definite error counts as an incorrect echo, and an
 * indeterminate operation does not. `errors` lists the expected and the received values.
 */
export function checkEcho(history: History): EchoVerdict {
  const incorrect: { invocation: Operation; completion: Operation }[] = [];
  for (const { invocation, completion } of pairOperations(history)) {
    if (completion === undefined || completion.type === "info") continue;
    if (!isEcho(invocation.value, completion)) incorrect.push({ invocation, completion });
  }
  return {
    "valid?": incorrect.length === 0,
    errors: incorrect.map(({ invocation, completion }) => [
      "Expected a message with :echo",
      invocation.value,
      "But received",
      completion.value,
    ]),
    ...(incorrect.length === 0 ? {} : {
      explanations: incorrect.slice(0, MAX_EXPLANATIONS_PER_TYPE).map((
        { invocation, completion },
      ) => explain(invocation, completion)),
    }),
  };
}

function isEcho(sent: unknown, { value: body }: Operation): boolean {
  const returned = isJsonObject(body) ? body["echo"] ?? null : null;
  return sent === returned || canonicalJson(sent ?? null) === canonicalJson(returned);
}

function explain(invocation: Operation, completion: Operation): Explanation {
  const outcome = completion.type === "ok"
    ? `received ${describeValue(completion.value)}`
    : `failed: ${describeValue(completion.error)}`;
  return {
    type: "wrong-echo",
    message: capitalise(
      `${describeOperation(invocation)} sent ${describeValue(invocation.value)} and ${outcome}.`,
    ),
    operations: [invocation, completion],
  };
}
