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
      `  if (order < 0) return { reply: { type: "conflict", ballot: promised } };
  invariant(compareBallots(accepted, ballot) < 0`,
      `  if (compareBallots(ballot, accepted) < 0) {
    return { reply: { type: "conflict", ballot: promised } };
  }
  invariant(compareBallots(accepted, ballot) < 0`,
    ],
    [
      "an acceptor promises ballots below its promise",
      `    if (order < 0) return { reply: { type: "conflict", ballot: promised } };
    const reply`,
      `    if (compareBallots(ballot, accepted) < 0) {
      return { reply: { type: "conflict", ballot: promised } };
    }
    const reply`,
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
      `compareBallots(reply.accepted, newest.accepted) > 0) {`,
      `compareBallots(reply.accepted, newest.accepted) < 0) {`,
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
      "ballots of two incarnations count as the same",
      `  return a[2] === b[2] ? 0 : a[2] < b[2] ? -1 : 1;`,
      `  return 0;`,
      SUBJECT,
      // The node's own acceptor has nearly always stored the last ballot, which raises the counter.
      "tests/protocol/consensus/caspaxos_test.ts",
    ],
    [
      "a read returns when a quorum has promised",
      `    return request.type === "prepare" ? this.#adopt(request.ballot) : this.#chosen(request);`,
      `    if (request.type !== "prepare") return this.#chosen(request);
    const accept = this.#adopt(request.ballot);
    const isRead = accept.type === "accept" && [...this.pending].every((change) =>
      change.run(accept.state.value[0])[0] === accept.state.value[0]
    );
    return isRead ? this.#chosen(accept as Extract<Request, { type: "accept" }>) : accept;`,
    ],
  ]),
  ...faultsIn(`${FOLDER}/acceptor.ts`, SUBJECT, [
    [
      "an acceptor forgets its promises when it restarts",
      `      this.#registers.set(key, { promised, accepted, state });`,
      `      this.#registers.set(key, { promised: promised && accepted, accepted, state });`,
    ],
    [
      "an acceptor replies before its record is durable",
      `      await this.#node.storage.sync();`,
      `      this.#node.storage.sync();`,
    ],
    [
      "an acceptor stores no promises, only states",
      `      if (after !== before) this.#store(key, after);`,
      `      if (request.type === "accept") this.#store(key, after);
      else this.#registers.set(key, after);`,
      SUBJECT,
      // A kill must fall between the phases of a round, and the round must then be needed.
      "tests/protocol/consensus/registers_test.ts",
    ],
    [
      "a snapshot leaves out the first register",
      `const all = [...this.#registers].map(`,
      `const all = [...this.#registers].slice(1).map(`,
      SUBJECT,
      // The first register is seldom in use any more when a snapshot is written.
      "tests/protocol/consensus/registers_test.ts",
    ],
  ]),
];
