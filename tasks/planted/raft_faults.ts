/**
 * Faults of Raft: those that papers, theses and bug reports name.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

const FOLDER = "lib/protocol/consensus/raft";
const RAFT = "lin-kv raft";
// Tests find what needs rare schedules, which the explorer may not reach within its seeds.
const TESTS = "tests/protocol/consensus/raft";
const SECTION_5 = `${TESTS}/section5_test.ts`;
const SECTION_6 = `${TESTS}/section6_test.ts`;
const SESSIONS = `${TESTS}/sessions_test.ts`;

/** The faults. */
export const raftFaults = [
  ...faultsIn(`${FOLDER}/election.ts`, RAFT, [
    [
      "a member votes twice in a term",
      `const isFree = term > core.term || core.vote === null || core.vote === candidate;`,
      `const isFree = term >= core.term;`,
    ],
    [
      "a member votes for a candidate whose log is not up to date",
      `return last_term > lastTerm || (last_term === lastTerm && last_index >= lastIndex);`,
      `return last_term >= 0 || (last_term === lastTerm && last_index >= lastIndex);`,
    ],
  ]),
  ...faultsIn(`${FOLDER}/core.ts`, RAFT, [
    [
      "a term and its vote are not persisted",
      `    this.persist({ term, vote });
`,
      ``,
    ],
  ]),
  ...faultsIn(`${FOLDER}/leader.ts`, RAFT, [
    [
      "a leader commits entries of earlier terms by counting",
      `if (majorityMatch > commit && core.log.termAt(majorityMatch) === core.term) {`,
      `if (majorityMatch > commit) {`,
      `${RAFT} one-entry`,
      SECTION_5,
    ],
  ]),
  ...faultsIn(`${FOLDER}/reads.ts`, RAFT, [
    [
      "a lease begins without the acknowledgements of a majority",
      `    if (leaseDrift !== undefined && startMs !== undefined && !this.#isLeaseGivenUp) {
      this.#leaseUntilMs = Math.max(this.#leaseUntilMs, startMs + electionMs * (1 - leaseDrift));`,
      `    if (!this.#isLeaseGivenUp) {
      this.#leaseUntilMs = core.now + electionMs * (1 - (leaseDrift ?? 0) * (startMs ?? 0));`,
      RAFT,
      SECTION_6,
    ],
    [
      "a read does not wait until its round is acknowledged",
      `      if (read.round > round) return true;
`,
      ``,
      RAFT,
      SECTION_6,
    ],
  ]),
  ...faultsIn(`${FOLDER}/follower.ts`, RAFT, [
    [
      "a follower acknowledges entries before they are on its disk",
      `{ type: "appended", term, match, round }, "durable");`,
      `{ type: "appended", term, match, round }, "now");`,
      RAFT,
      SECTION_6,
    ],
    [
      "a snapshot replaces a newer log",
      `if (last_index > core.commit) {`,
      `if (last_index > 0) {`,
      RAFT,
      SECTION_6,
    ],
  ]),
  ...faultsIn(`${FOLDER}/raft.ts`, RAFT, [
    [
      "a change of the membership begins before the last one is committed",
      `    if (log.membersIndex > commit) return "the last change is not committed yet";
`,
      ``,
      `${RAFT} late-elections`,
      SECTION_6,
    ],
  ]),
  ...faultsIn(`${FOLDER}/server/sessions.ts`, RAFT, [
    [
      "a snapshot lacks the results of sessions",
      `[...results].map(([number, result]): Json => [number, result]),`,
      `[...results].slice(0, 0).map(([number, result]): Json => [number, result]),`,
      `${RAFT} snapshots`,
      SESSIONS,
    ],
    [
      "a command that is repeated is executed again",
      `let result = found.results.get(number);`,
      `let result = found.results.get(-number);`,
      RAFT,
      SESSIONS,
    ],
  ]),
  ...faultsIn("lib/node/storage/log_format.ts", RAFT, [
    [
      "the torn record at the end of a disk is replayed",
      `if (end > bytes.length) break;`,
      `if (end > bytes.length) {
      records.push(bytes.slice(start));
      break;
    }`,
      RAFT,
      "tests/node/storage/log_format_test.ts",
    ],
  ]),
];
