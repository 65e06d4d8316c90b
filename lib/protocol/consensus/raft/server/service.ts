/**
 * The leader's side of forwarded requests: proposes their commands, confirms their queries, and
 * replies when all of a message have an outcome.
 *
 * A leader that steps down drops what it has not answered. Its commands may still be committed, so
 * it must not refuse them; the senders repeat them to the next leader, in the same sessions.
 *
 * @module
 */

import type { Json } from "../../../../base/mod.ts";
import type { Forward, Forwarded, MemberChange, Refused } from "./messages.ts";
import { type Replica, toCommand } from "./replica.ts";
import type { Outcome } from "./sessions.ts";

/** A forwarded message whose reply is due. */
interface Job {
  readonly from: string;
  readonly client: string;
  readonly batch: number;
  readonly results: [number, Outcome][];
  session: number | undefined;
  /** The number of requests without an outcome. */
  waiting: number;
}

/** A change that is not yet executed. */
interface WaitingChange {
  readonly session: number;
  readonly first: number;
  readonly number: number;
  readonly change: MemberChange;
}

/** Serves forwarded requests while this member leads. */
export class Service {
  readonly #replica: Replica;
  readonly #reply: (to: string, message: Forwarded | Refused) => void;
  /** The jobs that wait for a command or a change of a session, or for the opening of one. */
  readonly #waiting = new Map<string, Job[]>();
  #changes: WaitingChange[] = [];
  /** The node that catches up with the log, so that it can be added. */
  #learner: string | undefined;
  /** Why changes of this term were refused; copies of their messages are refused as well. */
  readonly #refused = new Map<string, string>();
  /** The last term in which messages were accepted. */
  #term = 0;
  /** The highest number of a message that was accepted in that term, by client. */
  readonly #accepted = new Map<string, number>();
  /** The term at the start. An earlier incarnation may have led it, and terms before it. */
  readonly #firstTerm: number;

  constructor(replica: Replica, reply: (to: string, message: Forwarded | Refused) => void) {
    this.#replica = replica;
    this.#reply = reply;
    this.#firstTerm = replica.raft.term;
  }

  /** Handles a forwarded message. */
  receive(from: string, forward: Forward): void {
    const { raft } = this.#replica;
    const { client, batch, open, commands = [], queries = [], changes = [] } = forward;
    if (raft.role !== "leader" || forward.term !== raft.term) {
      const { term, leader } = raft;
      const hint = leader === undefined ? {} : { leader };
      const accepted = this.#mayHaveAccepted(forward) ? { accepted: true } : {};
      return this.#reply(from, { type: "refused", client, batch, term, ...hint, ...accepted });
    }
    // While the leadership is handed over, the sender has to repeat its message.
    if (!raft.acceptsProposals) return;
    if (this.#term !== raft.term) {
      this.#accepted.clear();
      this.#refused.clear();
    }
    this.#term = raft.term;
    this.#accepted.set(client, Math.max(batch, this.#accepted.get(client) ?? 0));
    const waiting = commands.length + queries.length + changes.length +
      (open === undefined ? 0 : 1);
    const job: Job = { from, client, batch, results: [], session: undefined, waiting };
    if (open !== undefined && this.#wait(openingOf(open), job)) this.#propose([{ open }]);
    this.#receiveCommands(job, forward);
    for (const [number, query] of queries) this.#query(job, number, query);
    this.#receiveChanges(job, forward);
  }

  /** Notes that an entry opened a session. */
  opened(name: string, session: number): void {
    for (const job of this.#take(openingOf(name))) {
      job.session = session;
      this.#settle(job);
    }
  }

  /** Notes the outcome of a command or a change. */
  applied(session: number, number: number, outcome: Outcome): void {
    for (const job of this.#take(commandOf(session, number))) {
      job.results.push([number, outcome]);
      this.#settle(job);
    }
  }

  /** Notes that entries were committed, after which another change may be possible. */
  committed(): void {
    if (this.#changes.length > 0) this.#change();
  }

  /** Drops the jobs of an earlier term, or of one in which this member leads no more. */
  changed(): void {
    const { role, term } = this.#replica.raft;
    if (role === "leader" && term === this.#term) return;
    this.#waiting.clear();
    this.#changes = [];
    this.#learner = undefined;
  }

  /**
   * Notes that a node may be added now, or refuses to add it. That is definite: this leader has applied
   * all entries of earlier terms that may be committed, it has not added the node in this term, and it
   * refuses copies of the request.
   */
  learned(learner: string, problem: string | undefined): void {
    if (problem !== undefined) {
      this.#learner = undefined;
      for (const { session, number, change } of [...this.#changes]) {
        const key = commandOf(session, number);
        const isOfLearner = "add" in change && change.add === learner;
        if (!isOfLearner || !this.#waiting.has(key)) continue;
        this.#refused.set(key, problem);
        this.applied(session, number, { refused: problem });
      }
    }
    this.#change();
  }

  /** Whether this member may have accepted a copy of a message when it led the message's term. */
  #mayHaveAccepted({ client, batch, term }: Forward): boolean {
    if (term <= this.#firstTerm || term < this.#term) return true;
    return term === this.#term && batch <= (this.#accepted.get(client) ?? 0);
  }

  #receiveCommands(job: Job, { session, first = 0, commands = [] }: Forward): void {
    if (session === undefined) return;
    const proposed = commands.filter(([number]) => this.#isNew(job, session, number));
    if (proposed.length > 0) this.#propose([{ session, first, commands: proposed }]);
  }

  /**
   * Changes are numbered in a session like commands. Otherwise a copy that the network delivers late
   * would undo a later change.
   */
  #receiveChanges(job: Job, { session, first = 0, changes = [] }: Forward): void {
    if (session === undefined) return;
    for (const [number, change] of changes) {
      if (!this.#isNew(job, session, number)) continue;
      this.#changes.push({ session, first, number, change });
    }
    this.#change();
  }

  /** Replies with the result of an executed command, or lets the job wait. Returns whether it is the first. */
  #isNew(job: Job, session: number, number: number): boolean {
    const key = commandOf(session, number);
    const result = this.#replica.sessions.resultOf(session, number);
    const refused = this.#refused.get(key);
    if (result === undefined && refused === undefined) return this.#wait(key, job);
    job.results.push([number, result === undefined ? { refused: refused as string } : { result }]);
    this.#settle(job);
    return false;
  }

  #query(job: Job, number: number, query: Json): void {
    this.#replica.read((ok) => {
      // The sender repeats the query to the next leader.
      if (!ok) return;
      job.results.push([number, { result: this.#replica.sessions.query(query) }]);
      this.#settle(job);
    });
  }

  /** Proposes the oldest change that is possible; those without a job have been executed. */
  #change(): void {
    const { raft, sessions } = this.#replica;
    this.#changes = this.#changes.filter(({ session, number }) =>
      this.#waiting.has(commandOf(session, number))
    );
    this.#learn();
    for (const { session, first, number, change } of [...this.#changes]) {
      const members = membersAfter(change, raft.members);
      if (raft.changeProblem(members) !== undefined) continue;
      // All earlier changes are applied, so that a copy of one is known.
      if (sessions.hasExpired(session, number)) {
        this.applied(session, number, { expired: true });
        continue;
      }
      const command = toCommand({ session, first, change: [number, members] });
      return this.#replica.handle({ type: "change", members, command });
    }
  }

  /**
   * Lets the first node that a change adds catch up with the log, one at a time, when all earlier
   * changes are applied.
   */
  #learn(): void {
    const { raft, raft: { members } } = this.#replica;
    if (raft.changeProblem(members) !== undefined) return;
    const learners = this.#changes.flatMap(({ change }) =>
      "add" in change && !members.includes(change.add) ? [change.add] : []
    );
    if (this.#learner !== undefined && learners.includes(this.#learner)) return;
    this.#learner = learners[0];
    if (this.#learner !== undefined) {
      this.#replica.handle({ type: "learn", learner: this.#learner });
    }
  }

  #propose(entries: readonly Parameters<typeof toCommand>[0][]): void {
    this.#replica.handle({ type: "propose", commands: entries.map(toCommand) });
  }

  /** Lets a job wait; returns whether it is the first to wait for this. */
  #wait(key: string, job: Job): boolean {
    const jobs = this.#waiting.get(key);
    jobs?.push(job);
    if (jobs === undefined) this.#waiting.set(key, [job]);
    return jobs === undefined;
  }

  #take(key: string): Job[] {
    const jobs = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    return jobs;
  }

  #settle(job: Job): void {
    if (--job.waiting > 0) return;
    const { from, client, batch, session, results } = job;
    const opened = session === undefined ? {} : { session };
    this.#reply(from, { type: "forwarded", client, batch, ...opened, results });
  }
}

/** Returns the members after a change, which may be the same. */
function membersAfter(change: MemberChange, members: readonly string[]): string[] {
  if ("remove" in change) return members.filter((member) => member !== change.remove);
  return members.includes(change.add) ? [...members] : [...members, change.add];
}

function openingOf(name: string): string {
  return `open ${name}`;
}

function commandOf(session: number, number: number): string {
  return `${session} ${number}`;
}
