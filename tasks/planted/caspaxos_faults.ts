/**
 * Faults of CASPaxos.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

const FOLDER = "lib/protocol/consensus";
const SUBJECT = "lin-kv caspaxos";

/** The faults. */
export const caspaxosFaults = [
  ...faultsIn(`${FOLDER}/caspaxos.ts`, SUBJECT, [
    [
      "an acceptor accepts ballots below its promise",
      `  if (isLower) return { reply: conflict };
  invariant(compareBallots(accepted, ballot) < 0`,
      `  if (compareBallots(ballot, accepted) < 0) return { reply: conflict };
  invariant(compareBallots(accepted, ballot) < 0`,
    ],
    [
      "an acceptor promises ballots below its promise",
      `    if (isLower) return { reply: conflict };
    const after`,
      `    if (ballot[0] === 0) return { reply: conflict };
    const after`,
    ],
    [
      "an acceptor that accepts does not promise the next ballot",
      `const after = { promised: request.next, accepted: ballot`,
      `const after = { promised: ballot, accepted: ballot`,
    ],
    [
      "the quorum is one too small",
      `this.#quorum = Math.floor(settings.acceptors.length / 2) + 1;`,
      `this.#quorum = Math.max(1, Math.floor(settings.acceptors.length / 2));`,
    ],
    [
      "a proposer takes the state with the lowest ballot",
      `if (newest === undefined || order > 0) newest = reply;`,
      `if (newest === undefined || order < 0) newest = reply;`,
    ],
    [
      "a proposer uses its lead after a rival's promise, with a prepare's ballot",
      `this.#lead = { ballot: next, state };`,
      `this.#lead = { ballot: [next[0] + 1, next[1], next[2]], state };`,
    ],
    [
      "a change is run again after an unknown outcome",
      `const earlier = this.#attempts.get(String(state.last[id]));`,
      `const earlier = this.#attempts.get(String(state.last[id]) + "none");`,
    ],
    [
      "a change that may be stored ends with a definite error",
      `change.mayHaveHappened ||= next !== value;`,
      `change.mayHaveHappened ||= next === undefined;`,
    ],
    [
      "a read relies on one acceptor",
      `    if (same.length < this.#quorum) return;`,
      ``,
    ],
    [
      "a read relies on a quorum that shows different ballots",
      `reply.type !== "accepted" && compareBallots(reply.accepted, accepted) === 0`,
      `reply.type !== "accepted"`,
    ],
    [
      "a read relies on replies to a request that was sent before it arrived",
      `    for (const change of this.#asked) {
      if (change`,
      `    for (const change of this.pending) {
      if (change`,
    ],
    [
      "a change that may be stored has the result of a read",
      `if (change.mayHaveHappened || !this.pending.has(change)) continue;`,
      `if (!this.pending.has(change)) continue;`,
    ],
    [
      "an acceptor shows its promise as the ballot that it has accepted",
      `const conflict: Reply = { type: "conflict", ballot: promised, accepted, state };`,
      `const conflict: Reply = { type: "conflict", ballot: promised, accepted: promised, state };`,
    ],
  ]),
  ...faultsIn(`${FOLDER}/ballot.ts`, SUBJECT, [
    [
      "ballots of two incarnations count as the same",
      `  return a[2] === b[2] ? 0 : a[2] < b[2] ? -1 : 1;`,
      `  return 0;`,
      SUBJECT,
      // The node's own acceptor has nearly always stored the last ballot, which raises the counter.
      "tests/protocol/consensus/caspaxos_test.ts",
    ],
  ]),
  ...faultsIn(`${FOLDER}/acceptor.ts`, SUBJECT, [
    [
      "an acceptor forgets its promises when it restarts",
      `      this.#registers.set(key, { promised, accepted, state });`,
      `      this.#registers.set(key, { promised: promised && accepted, accepted, state });`,
      `${SUBJECT} kills`,
      "tests/protocol/consensus/registers_test.ts",
    ],
    [
      "an acceptor replies before its record is durable",
      `    await this.#node.storage.sync();`,
      `    this.#node.storage.sync();`,
    ],
    [
      "an acceptor shows a state that is not durable",
      `    await this.#node.storage.sync();`,
      `    if (after !== undefined) await this.#node.storage.sync();`,
      `${SUBJECT} disks`,
      // The power must fail between a read's reply and the end of an fsync that began before it.
      "tests/protocol/consensus/registers_test.ts",
    ],
    [
      "an acceptor stores no promises, only states",
      `      if (after !== before) this.#store(key, after);`,
      `      if (request.type === "accept") this.#store(key, after);
      else this.#registers.set(key, after);`,
      `${SUBJECT} kills`,
      "tests/protocol/consensus/registers_test.ts",
    ],
    [
      "a snapshot leaves out the first register",
      `const all = [...this.#registers].map(`,
      `const all = [...this.#registers].slice(1).map(`,
      `${SUBJECT} kills`,
      "tests/protocol/consensus/registers_test.ts",
    ],
  ]),
];
