/**
 * Members of a replicated log without a network, for tests.
 *
 * @module
 */

import { assert } from "std/testing";
import { type Json, schema } from "../../../lib/node/mod.ts";
import type { BatchSource } from "../../../lib/protocol/log/origins.ts";
import { BatchLog } from "../../../lib/protocol/log/batch_log.ts";

/** The ids of the members. */
export const NODES = ["a", "b", "c"];

/** Replicated state: the numbers of each writer, in the order in which they were applied. */
export class Numbers implements BatchSource {
  readonly contentSchema = schema.array(schema.natural);
  readonly applied: number[][] = NODES.map(() => []);
  updates: number[] = [];
  gap: number | undefined;

  get hasUpdates(): boolean {
    return this.updates.length > 0;
  }

  start(gap: number): void {
    this.gap = gap;
  }

  seal(): Json {
    return this.updates.splice(0);
  }

  apply(writer: number, content: Json): void {
    this.applied[writer]?.push(...content as number[]);
  }
}

/** What one member sends another. */
export type Delta = [origin: string, number: number, batch: Record<string, unknown>][];

/** One incarnation of a node. */
export class Member {
  readonly source = new Numbers();
  readonly log: BatchLog;

  constructor(
    readonly id: string,
    readonly incarnation: string,
  ) {
    this.log = new BatchLog(this.source, { id, incarnation, nodes: NODES });
  }

  get name(): string {
    return `${this.id}.${this.incarnation}`;
  }

  /** Adds numbers to the next batch. */
  write(...numbers: number[]): void {
    this.source.updates.push(...numbers);
    this.source.applied[NODES.indexOf(this.id)]?.push(...numbers);
    this.log.updated(0);
  }

  /** Returns all that another member needs from a position on. */
  deltaFor(other: Member, from = 0): Delta {
    const summary = other.log.summary();
    const receiver = { source: other.incarnation, summary };
    return structuredClone(this.log.delta(from, receiver).delta) as unknown as Delta;
  }

  merge(delta: Delta, from: Member): void {
    this.log.merge(delta as unknown as Json, from.incarnation, 0);
  }

  /** Sends another member what it needs. */
  sendTo(other: Member): void {
    other.merge(this.deltaFor(other), this);
  }

  has(other: Member): number {
    return (this.log.summary() as Record<string, number>)[other.name] ?? 0;
  }
}

/** Lets all members exchange what they have, until nothing changes. */
export function exchange(...members: Member[]): void {
  for (let round = 0; round < 4; round++) {
    for (const from of members) for (const to of members) if (from !== to) from.sendTo(to);
  }
}

/** Returns three members that know each other and have started. */
export function started(): [Member, Member, Member] {
  const members = NODES.map((id) => new Member(id, `${id}1`)) as [Member, Member, Member];
  exchange(...members);
  for (const { log } of members) {
    assert(log.isRecovered);
    log.start(0);
  }
  return members;
}
