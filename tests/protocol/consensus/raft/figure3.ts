/**
 * The properties of figure 3 of the paper, checked over all members of a cluster, and two promises
 * that they rest on: a member votes once in a term, and a read sees what was committed before it.
 *
 * @module
 */

import { canonicalJson } from "../../../../lib/base/mod.ts";
import type { Raft } from "../../../../lib/protocol/consensus/raft/raft.ts";
import type { Entry, RaftMessage } from "../../../../lib/protocol/consensus/raft/types.ts";

/** What the checker reads of a member. */
interface Observed {
  readonly id: string;
  readonly raft: Raft;
}

interface CommittedEntry {
  readonly text: string;
  /** The term in which the entry was committed. */
  readonly term: number;
}

const texts = new WeakMap<Entry, string>();

/** Returns an entry as text; entries never change. */
function textOf(entry: Entry | undefined): string {
  if (entry === undefined) return "nothing";
  let text = texts.get(entry);
  if (text === undefined) texts.set(entry, text = canonicalJson(entry));
  return text;
}

/** Throws an Error that names the property when an event violates one. */
export class Figure3 {
  readonly #leaders = new Map<number, string>();
  /** Each entry by index and term, and the term of the entry before it. */
  readonly #entries = new Map<string, string>();
  /** The term of each member's entries that were checked, by index. */
  readonly #checked = new Map<string, number[]>();
  readonly #committed = new Map<number, CommittedEntry>();
  readonly #leaderLogs = new Map<string, { readonly term: number; readonly texts: string[] }>();
  readonly #votes = new Map<string, string>();
  readonly #readStarts = new Map<number, number>();
  readonly #terms = new Map<string, number>();
  #commit = 0;

  /** The highest index that any member has committed. */
  get commit(): number {
    return this.#commit;
  }

  /** Checks a member after an event. */
  check(member: Observed, wasLeaderOf: number | undefined): void {
    const { id, raft } = member;
    this.#expect(raft.term >= (this.#terms.get(id) ?? 0), `the term of ${id} never decreases`);
    this.#terms.set(id, raft.term);
    this.#logMatching(member);
    this.#stateMachineSafety(member);
    if (raft.role !== "leader") return void this.#leaderLogs.delete(id);
    const { term } = raft;
    const other = this.#leaders.get(term) ?? id;
    this.#expect(other === id, `election safety: ${other} and ${id} lead term ${term}`);
    this.#leaders.set(term, id);
    if (wasLeaderOf !== term) this.#leaderCompleteness(member);
    this.#leaderAppendOnly(member);
  }

  /** Notes that a member restarts. A term that was not durable is lost, with all that it began. */
  noteRestart(id: string): void {
    this.#terms.delete(id);
    this.#leaderLogs.delete(id);
  }

  /** Notes a message that leaves; a vote is checked. */
  noteSent(voter: string, message: RaftMessage, candidate: string): void {
    if (message.type !== "vote" || !message.granted || message.pre === true) return;
    const key = `${voter} ${message.term}`;
    const before = this.#votes.get(key) ?? candidate;
    this.#expect(before === candidate, `${voter} votes once in term ${message.term}`);
    this.#votes.set(key, candidate);
  }

  /** Notes that a read begins. */
  noteRead(read: number): void {
    this.#readStarts.set(read, this.#commit);
  }

  /** Checks that a read saw all that was committed before it began. */
  noteReadResult(read: number, applied: number): void {
    const start = this.#readStarts.get(read) ?? 0;
    this.#expect(applied >= start, `read ${read} saw ${applied}, ${start} was committed before it`);
  }

  /** If two logs have an entry of the same index and term, they are equal up to there. */
  #logMatching({ id, raft: { log } }: Observed): void {
    const checked = this.#checked.get(id) ?? [];
    this.#checked.set(id, checked);
    checked.length = Math.min(checked.length, log.lastIndex + 1);
    for (let index = log.lastIndex; index > log.snapshotIndex; index--) {
      const entry = log.entryAt(index);
      const term = entry?.term as number;
      // By induction: what is before an entry of this term was checked with it.
      if (checked[index] === term) return;
      checked[index] = term;
      const text = `${log.termAt(index - 1)} before ${textOf(entry)}`;
      const key = `${index} ${term}`;
      const before = this.#entries.get(key);
      this.#expect(before === undefined || before === text, `log matching: ${id} at ${key}`);
      this.#entries.set(key, text);
    }
  }

  /** No two members commit different entries at an index. */
  #stateMachineSafety({ id, raft }: Observed): void {
    for (let index = raft.commit; index > raft.log.snapshotIndex; index--) {
      const text = textOf(raft.log.entryAt(index));
      const before = this.#committed.get(index);
      this.#expect(
        before === undefined || before.text === text,
        `state machine safety: ${id} commits ${text} at ${index}, another one ${before?.text}`,
      );
      if (before === undefined) this.#committed.set(index, { text, term: raft.term });
    }
    this.#commit = Math.max(this.#commit, raft.commit);
  }

  /** A leader's log has all entries that were committed in earlier terms. */
  #leaderCompleteness({ id, raft }: Observed): void {
    for (const [index, { text, term }] of this.#committed) {
      if (term >= raft.term || index <= raft.log.snapshotIndex) continue;
      const found = textOf(raft.log.entryAt(index));
      this.#expect(found === text, `leader completeness: ${id} lacks ${text} at ${index}`);
    }
  }

  /** A leader never overwrites or deletes entries of its log. */
  #leaderAppendOnly({ id, raft: { term, log } }: Observed): void {
    const before = this.#leaderLogs.get(id);
    const texts = before?.term === term ? before.texts : [];
    for (let index = log.snapshotIndex + 1; index <= log.lastIndex; index++) {
      const text = textOf(log.entryAt(index));
      this.#expect((texts[index] ?? text) === text, `leader append-only: ${id} at ${index}`);
      texts[index] = text;
    }
    this.#expect(log.lastIndex >= texts.length - 1, `leader append-only: ${id} lost entries`);
    this.#leaderLogs.set(id, { term, texts });
  }

  #expect(condition: boolean, text: string): void {
    if (!condition) throw new Error(text);
  }
}
