/**
 * The generators of the kafka workload.
 *
 * The main phase sends one message or polls, at random. One operation in 64 is an `assign` of the
 * key of the next access. One `assign` in three adds all unseen keys: keys with a message that was
 * sent and not yet polled. So every message is eventually polled. In addition, each client crashes
 * about every 30 s.
 *
 * In the final phase each worker crashes, is assigned every key from its beginning, and polls about
 * every 0.2 s. It stops when it has polled the highest offset of each key in the main phase, or
 * after 10 s.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { History, Operation } from "../history/mod.ts";
import {
  type Generator,
  type GeneratorContext,
  type Invocation,
  PENDING,
  type Pending,
  withTimeLimit,
} from "./generator.ts";
import { type Offsets, polledOffsets, raise, sentOffsets, sortedKeys } from "./kafka_offsets.ts";
import type { TestOptions } from "./options.ts";
import { RandomTransactions } from "./random_transactions.ts";

const ASSIGN_PROBABILITY = 1 / 64;
const ASSIGN_UNSEEN_PROBABILITY = 1 / 3;
/** Mean time between two crashes of a client. */
const CRASH_INTERVAL_MS = 30_000;
/** Mean time between two polls of a worker in the final phase. */
const POLL_INTERVAL_MS = 200;
const MAX_FINAL_PHASE_MS = 10_000;
const CRASH: Invocation = { f: "crash", value: null };

/** Generates the main phase. */
export function kafkaGenerator(options: TestOptions, random: Random): Generator {
  const unseen = new UnseenKeys();
  const transactions = new RandomTransactions(options, 1, random);
  const crashGapMs = () => random.next() * 2 * CRASH_INTERVAL_MS / options.concurrency;
  let nextCrashMs = -Infinity;
  let upcoming = transactions.next();
  return {
    next({ free, nowMs }) {
      const worker = free[0] as number;
      // After `nextCrashMs`, a crash competes with the next access at equal chances.
      if (nowMs >= nextCrashMs && random.chance(1 / 2)) {
        nextCrashMs = nowMs + crashGapMs();
        return { worker, invocation: CRASH };
      }
      const access = upcoming[0] as (typeof upcoming)[number];
      const key = String(access.key);
      if (random.chance(ASSIGN_PROBABILITY)) {
        return { worker, invocation: assignOperation(key, unseen, random) };
      }
      upcoming = transactions.next();
      return {
        worker,
        invocation: access.kind === "read"
          ? { f: "poll", value: [["poll"]] }
          : { f: "send", value: [["send", key, access.value]] },
      };
    },
    update: (operation) => unseen.update(sentOffsets(operation), polledOffsets(operation)),
  };
}

function assignOperation(key: string, unseen: UnseenKeys, random: Random): Invocation {
  const unseenKeys = unseen.keys;
  if (!random.chance(ASSIGN_UNSEEN_PROBABILITY) || unseenKeys.length === 0) {
    return { f: "assign", value: [key] };
  }
  const extra = { unseen: unseen.summary() };
  return { f: "assign", value: [...new Set([key, ...unseenKeys])], extra };
}

/** The keys whose highest sent offset is above the highest polled offset. */
class UnseenKeys {
  readonly #sent: Offsets = new Map();
  readonly #polled: Offsets = new Map();

  get keys(): string[] {
    return [...this.#sent.keys()];
  }

  update(sent: Offsets, polled: Offsets): void {
    for (const [key, offset] of sent) raise(this.#sent, key, offset);
    for (const [key, offset] of polled) raise(this.#polled, key, offset);
    for (const key of [...sent.keys(), ...polled.keys()]) {
      if ((this.#polled.get(key) ?? -1) < (this.#sent.get(key) ?? -1)) continue;
      this.#sent.delete(key);
      this.#polled.delete(key);
    }
  }

  /** Returns the offsets of each key, for the history: they are the reason for the `assign`. */
  summary(): Record<string, { readonly polled: number; readonly sent: number }> {
    return Object.fromEntries(
      sortedKeys(this.#sent.keys()).map((key) => [
        key,
        { polled: this.#polled.get(key) ?? -1, sent: this.#sent.get(key) as number },
      ]),
    );
  }
}

/** Generates the final phase, after a main phase with this history. */
export function kafkaFinalGenerator(random: Random, main: History): Generator {
  const targets: Offsets = new Map();
  for (const operation of main) {
    for (const [key, offset] of sentOffsets(operation)) raise(targets, key, offset);
    for (const [key, offset] of polledOffsets(operation)) {
      if (offset >= 0) raise(targets, key, offset);
    }
  }
  const readers = new Map<number, FinalReader>();
  function readerOf(worker: number): FinalReader {
    const existing = readers.get(worker);
    if (existing !== undefined) return existing;
    const reader = new FinalReader(targets, random);
    readers.set(worker, reader);
    return reader;
  }
  const generator: Generator = {
    next: (context) => nextOfReaders(context, readerOf),
    update(operation, worker) {
      readerOf(worker).update(operation);
    },
  };
  return withTimeLimit(MAX_FINAL_PHASE_MS, generator);
}

/** Returns the next operation of the first free worker that has one. */
function nextOfReaders(context: GeneratorContext, readerOf: (worker: number) => FinalReader) {
  let untilMs = Infinity;
  for (const worker of context.free) {
    const reader = readerOf(worker);
    if (reader.done) continue;
    const next = reader.next(context.nowMs);
    if (!("pending" in next)) return { worker, invocation: next };
    untilMs = Math.min(untilMs, next.untilMs ?? Infinity);
  }
  if (untilMs < Infinity) return { pending: true as const, untilMs };
  return context.free.length < context.concurrency ? PENDING : undefined;
}

/** The operations of one worker in the final phase. */
class FinalReader {
  /** The offset to poll of each key that the worker has not yet polled to its end. */
  readonly #remaining: Offsets;
  readonly #keys: readonly string[];
  readonly #random: Random;
  #lastSetupStep: "none" | "crash" | "assign" = "none";
  #nextPollMs = -Infinity;

  constructor(targets: Offsets, random: Random) {
    this.#remaining = new Map(targets);
    this.#keys = sortedKeys(targets.keys());
    this.#random = random;
  }

  get done(): boolean {
    return this.#remaining.size === 0;
  }

  next(nowMs: number): Invocation | Pending {
    if (this.#lastSetupStep === "none") {
      this.#lastSetupStep = "crash";
      return CRASH;
    }
    if (this.#lastSetupStep === "crash") {
      this.#lastSetupStep = "assign";
      return { f: "assign", value: this.#keys, extra: { "seek-to-beginning?": true } };
    }
    if (nowMs < this.#nextPollMs) return { pending: true, untilMs: this.#nextPollMs };
    this.#nextPollMs = nowMs + this.#random.next() * 2 * POLL_INTERVAL_MS;
    return { f: "poll", value: [["poll"]], extra: { "poll-ms": 1000 } };
  }

  /**
   * Follows an operation of the worker. A new client replaces one whose operation is indeterminate,
   * such as a poll whose commit timed out. It has no assigned keys, so it must assign them, too.
   */
  update(operation: Operation): void {
    if (operation.type === "info") this.#lastSetupStep = "crash";
    for (const [key, offset] of polledOffsets(operation)) {
      if ((this.#remaining.get(key) ?? -1) <= offset) this.#remaining.delete(key);
    }
  }
}
