/**
 * What clients of the kafka workload do: in the main phase, and in the end.
 *
 * The main phase sends and polls at random, a message or a poll at a time. One operation in 64 is an
 * `assign` instead: of the key that would have come next, and one time in three also of all keys of
 * which something was sent that nobody has polled yet, so that what is sent is seen. Beside that a
 * client crashes about every 30 s.
 *
 * In the end each worker crashes, is assigned every key from its beginning and polls about every
 * 0.2 s until it has seen the highest offset of each key that the main phase showed; at most for 10 s.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { History } from "../history/mod.ts";
import {
  type Generator,
  type GeneratorContext,
  type Invocation,
  PENDING,
  type Pending,
  timeLimit,
} from "./generator.ts";
import { type Offsets, polledOffsets, raise, sentOffsets, sortedKeys } from "./kafka_offsets.ts";
import type { TestOptions } from "./options.ts";
import { Transactions } from "./transactions.ts";

const ASSIGN_PROBABILITY = 1 / 64;
const ASSIGN_UNSEEN_PROBABILITY = 1 / 3;
/** How often a client crashes, in milliseconds on average. */
const CRASH_INTERVAL_MS = 30_000;
const POLL_INTERVAL_MS = 200;
const FINAL_LIMIT_MS = 10_000;
const CRASH: Invocation = { f: "crash", value: null };

/** The requests of the main phase. */
export function kafkaGenerator(options: TestOptions, random: Random): Generator {
  const unseen = new UnseenKeys();
  const transactions = new Transactions(options, 1, random);
  const crashGap = () => random.next() * 2 * CRASH_INTERVAL_MS / options.concurrency;
  let nextCrash = -Infinity;
  let upcoming = transactions.next();
  return {
    next({ free, now }) {
      const worker = free[0] as number;
      // A crash that is due stands on equal terms with what comes next, until it is taken.
      if (now >= nextCrash && random.chance(1 / 2)) {
        nextCrash = now + crashGap();
        return { worker, invocation: CRASH };
      }
      const access = upcoming[0] as (typeof upcoming)[number];
      const key = String(access.key);
      if (random.chance(ASSIGN_PROBABILITY)) {
        return { worker, invocation: assignment(key, unseen, random) };
      }
      upcoming = transactions.next();
      return {
        worker,
        invocation: access.kind === "read"
          ? { f: "poll", value: [["poll"]] }
          : { f: "send", value: [["send", key, access.value]] },
      };
    },
    update: (operation) => unseen.follow(sentOffsets(operation), polledOffsets(operation)),
  };
}

function assignment(key: string, unseen: UnseenKeys, random: Random): Invocation {
  const behind = unseen.keys;
  if (!random.chance(ASSIGN_UNSEEN_PROBABILITY) || behind.length === 0) {
    return { f: "assign", value: [key] };
  }
  const extra = { unseen: unseen.summary() };
  return { f: "assign", value: [...new Set([key, ...behind])], extra };
}

/** Keys of which a higher offset was sent than polled. */
class UnseenKeys {
  readonly #sent: Offsets = new Map();
  readonly #polled: Offsets = new Map();

  get keys(): string[] {
    return [...this.#sent.keys()];
  }

  follow(sent: Offsets, polled: Offsets): void {
    for (const [key, offset] of sent) raise(this.#sent, key, offset);
    for (const [key, offset] of polled) raise(this.#polled, key, offset);
    for (const key of [...sent.keys(), ...polled.keys()]) {
      if ((this.#polled.get(key) ?? -1) < (this.#sent.get(key) ?? -1)) continue;
      this.#sent.delete(key);
      this.#polled.delete(key);
    }
  }

  /** For whoever reads the history: why the assignment has these keys. */
  summary(): Record<string, { readonly polled: number; readonly sent: number }> {
    return Object.fromEntries(
      sortedKeys(this.#sent.keys()).map((key) => [
        key,
        { polled: this.#polled.get(key) ?? -1, sent: this.#sent.get(key) as number },
      ]),
    );
  }
}

/** The requests of the final phase, after a main phase with this history. */
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
    const known = readers.get(worker);
    if (known !== undefined) return known;
    const reader = new FinalReader(targets, random);
    readers.set(worker, reader);
    return reader;
  }
  const generator: Generator = {
    next: (context) => nextOfReaders(context, readerOf),
    update(operation, worker) {
      readerOf(worker).follow(polledOffsets(operation));
    },
  };
  return timeLimit(FINAL_LIMIT_MS, generator);
}

function nextOfReaders(context: GeneratorContext, readerOf: (worker: number) => FinalReader) {
  let until = Infinity;
  for (const worker of context.free) {
    const reader = readerOf(worker);
    if (reader.done) continue;
    const next = reader.next(context.now);
    if (!("pending" in next)) return { worker, invocation: next };
    until = Math.min(until, next.until ?? Infinity);
  }
  if (until < Infinity) return { pending: true as const, until };
  return context.free.length < context.concurrency ? PENDING : undefined;
}

/** What one worker does in the end. */
class FinalReader {
  readonly #awaited: Offsets;
  readonly #keys: readonly string[];
  readonly #random: Random;
  #begun: "nothing" | "crash" | "assign" = "nothing";
  #nextPoll = -Infinity;

  constructor(targets: Offsets, random: Random) {
    this.#awaited = new Map(targets);
    this.#keys = sortedKeys(targets.keys());
    this.#random = random;
  }

  get done(): boolean {
    return this.#awaited.size === 0;
  }

  next(now: number): Invocation | Pending {
    if (this.#begun === "nothing") {
      this.#begun = "crash";
      return CRASH;
    }
    if (this.#begun === "crash") {
      this.#begun = "assign";
      return { f: "assign", value: this.#keys, extra: { "seek-to-beginning?": true } };
    }
    if (now < this.#nextPoll) return { pending: true, until: this.#nextPoll };
    this.#nextPoll = now + this.#random.next() * 2 * POLL_INTERVAL_MS;
    return { f: "poll", value: [["poll"]], extra: { "poll-ms": 1000 } };
  }

  follow(polled: Offsets): void {
    for (const [key, offset] of polled) {
      if ((this.#awaited.get(key) ?? -1) <= offset) this.#awaited.delete(key);
    }
  }
}
