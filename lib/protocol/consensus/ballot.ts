/**
 * Ballots number the rounds of CASPaxos (`caspaxos.ts`). A ballot is used once: it names its proposer's
 * incarnation, so that a node that restarts never repeats one. Two states with one ballot would break
 * the chain of states.
 *
 * @module
 */

import { type Infer, schema } from "../../node/mod.ts";

/** The number of a round: a counter, and the incarnation that proposes, which makes it unique. */
export const ballotSchema = schema.tuple(schema.natural, schema.string, schema.string);
/** A ballot: counter, node, incarnation. */
export type Ballot = Infer<typeof ballotSchema>;

/** Orders ballots: below 0 if `a` is lower than `b`, 0 for the same ballot. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a[0] !== b[0]) return a[0] - b[0];
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1;
  return a[2] === b[2] ? 0 : a[2] < b[2] ? -1 : 1;
}
