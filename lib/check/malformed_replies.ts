/**
 * Lists replies that do not have the form that the workload expects. Maelstrom's clients throw an
 * exception for such a reply and end the operation `info`, so a run with some of them is valid there.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";
import type { History, Operation } from "../history/mod.ts";
import {
  capitalise,
  describeOperation,
  describeValue,
  type Explanation,
  MAX_EXPLANATIONS_PER_TYPE,
} from "./explanation.ts";
import type { Verdict } from "./verdict.ts";

/** A malformed reply, and the operation that it ended. */
export interface MalformedReply {
  readonly operation: Operation;
  /** The reply's body. */
  readonly reply: unknown;
}

/**
 * Lists the malformed replies of a history: `malformed-count`, and the first of each function as
 * `malformed`. Such a history is invalid, under Maelstrom's rules it is not (`maelstrom-valid?`).
 */
export function checkMalformedReplies(history: History): Verdict {
  const malformed = history.flatMap(malformedReplyOf);
  if (malformed.length === 0) return { "valid?": true };
  const firstByFunction = new Map<string, MalformedReply>();
  for (const reply of malformed) {
    const { f } = reply.operation;
    if (!firstByFunction.has(f)) firstByFunction.set(f, reply);
  }
  const examples = [...firstByFunction.values()].slice(0, MAX_EXPLANATIONS_PER_TYPE);
  return {
    "valid?": false,
    "maelstrom-valid?": true,
    "malformed-count": malformed.length,
    malformed: examples.map(({ operation, reply }) => ({ reply, operation: operation.index })),
    explanations: examples.map(explain),
  };
}

/** Returns the malformed reply that ended an operation, if one did, else an empty list. */
export function malformedReplyOf(operation: Operation): readonly MalformedReply[] {
  const { type, exception } = operation;
  if (type !== "info" || !isJsonObject(exception)) return [];
  const { data } = exception;
  if (!isJsonObject(data) || data.type !== "malformed-rpc-response") return [];
  return [{ operation, reply: data.body }];
}

function explain({ operation, reply }: MalformedReply): Explanation {
  const [, problem] = /This reply is malformed: (.*)\.$/s.exec(messageOf(operation)) ?? [];
  return {
    type: "malformed-reply",
    message: capitalise(
      `${describeOperation(operation)} received the malformed reply ${describeValue(reply)}` +
        `${problem === undefined ? "" : `: ${problem}`}. ` +
        "Maelstrom ends such an operation as indeterminate.",
    ),
    operation: operation.index,
  };
}

/** Returns the text of the exception; empty if it has none. */
function messageOf({ exception }: Operation): string {
  const cause = isJsonObject(exception) ? exception.cause : undefined;
  return typeof cause === "string" ? cause : "";
}
