/**
 * Composes the messages of an engine.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import type { Session } from "./session.ts";
import type { Policy, ReplicatedState, Sync } from "./types.ts";

/** Composes messages, and notes in their session what they send and acknowledge. */
export class Composer {
  readonly #state: ReplicatedState;
  readonly #policy: Policy;
  readonly #incarnation: string;

  constructor(state: ReplicatedState, policy: Policy, incarnation: string) {
    this.#state = state;
    this.#policy = policy;
    this.#incarnation = incarnation;
  }

  probe(): Body {
    return { type: "probe", me: this.#incarnation };
  }

  sync(session: Session, now: number, more: Partial<Sync>): Body {
    const content = { ...this.#header(session, now), ...this.#summary() };
    return { type: "sync", ...content, ...more };
  }

  ihave(session: Session, now: number): Body {
    const header = this.#header(session, now);
    session.noteSent(this.#state.version, now);
    return { type: "ihave", ...header, ...this.#summary() };
  }

  /** The update with the changes from the first pending one on. */
  update(session: Session, first: number, now: number): Body {
    const { sent: from, receiver } = session;
    const header = this.#header(session, now);
    const { delta, to } = this.#state.delta(first, receiver);
    const urgent = session.timeouts > 0 ? { urgent: true } : {};
    session.noteSent(to, now);
    return { type: "update", ...header, from, to, delta, ...urgent };
  }

  acknowledgement(session: Session, now: number, more: { hint?: Json }): Body {
    const from = session.isLazy ? 0 : session.sent;
    return { type: "update", ...this.#header(session, now), from, to: from, ...more };
  }

  #header(session: Session, now: number) {
    const pendingMs = session.pending === undefined ? now : session.pendingMs;
    const hint = this.#policy.hint?.(session, now, pendingMs);
    const echo = session.echo(now);
    session.noteAcked();
    return {
      me: this.#incarnation,
      ...(session.you === undefined ? {} : { you: session.you }),
      ...(session.isPassive ? { passive: true } : {}),
      ack: session.received,
      time: Math.round(now),
      ...(echo === undefined ? {} : { echo }),
      ...(hint === undefined ? {} : { hint }),
    };
  }

  #summary() {
    return { summary: this.#state.summary(), at: this.#state.summaryVersion };
  }
}
