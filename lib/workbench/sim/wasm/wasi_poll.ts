/**
 * `poll_oneoff`: how a program of WASI sleeps, and waits for input with a timeout.
 *
 * @module
 */

import type { GuestNode } from "../guest.ts";
import { STDIN } from "./standard_streams.ts";
import { Errno, type GuestMemory, timeOf } from "./wasi_abi.ts";

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const WORD = 2 ** 32;
const CLOCK = 0;
const FD_READ = 1;
/** The flag of a clock's subscription whose timeout is a time, not a delay. */
const ABSOLUTE_TIME = 1;

/** What a program waits for. */
interface Subscription {
  /** The words of a number that the event repeats. */
  readonly lowUserData: number;
  readonly highUserData: number;
  readonly type: number;
  /** Of a clock, when it is over by the node's monotonic clock. */
  readonly deadlineMs: number;
  readonly descriptor: number;
}

/** What ends a wait. */
export interface WaitLimits {
  /** Returns the number of milliseconds until the wait is over; `Infinity` without a clock. */
  delayMs(): number;
  /** Whether input ends the wait. */
  readonly isForInput: boolean;
}

/** What waiting needs of the guest. */
export interface PollHost {
  readonly node: GuestNode;
  readonly memory: GuestMemory;
  readonly hasInput: () => boolean;
  /** Whether a descriptor is open. */
  readonly isOpen: (descriptor: number) => boolean;
  /**
   * Waits until `ready` returns a result, which it resolves to. Calls `ready` when input has arrived,
   * and when the wait is over.
   */
  wait(ready: () => number | undefined, limits: WaitLimits): Promise<number>;
}

/** Waits until one of the subscriptions has happened, and writes all that have. */
export function pollOneoff(
  host: PollHost,
  [subscriptions, events, count, eventCount]: readonly number[],
): number | Promise<number> {
  const { node, memory } = host;
  const wanted = readSubscriptions(memory, node, subscriptions ?? 0, count ?? 0);
  if (wanted.length === 0) return Errno.invalid;
  const ready = () => {
    let happened = 0;
    for (const subscription of wanted) {
      if (hasHappened(subscription, host)) {
        const error = subscription.type === CLOCK || host.isOpen(subscription.descriptor)
          ? Errno.success
          : Errno.badDescriptor;
        writeEvent(memory.view(), (events ?? 0) + EVENT_BYTES * happened++, subscription, error);
      }
    }
    if (happened === 0) return undefined;
    memory.setUint32(eventCount ?? 0, happened);
    return Errno.success;
  };
  const delayMs = () => {
    let deadlineMs = Infinity;
    for (const subscription of wanted) deadlineMs = Math.min(deadlineMs, subscription.deadlineMs);
    return deadlineMs - node.monotonic();
  };
  const isForInput = wanted.some(waitsForStdin);
  return ready() ?? host.wait(ready, { delayMs, isForInput });
}

function hasHappened({ type, deadlineMs, descriptor }: Subscription, host: PollHost): boolean {
  if (type === CLOCK) return deadlineMs <= host.node.monotonic();
  // Output never blocks; no descriptor but stdin can wait.
  return !waitsForStdin({ type, descriptor }) || !host.isOpen(STDIN) || host.hasInput();
}

function waitsForStdin({ type, descriptor }: Pick<Subscription, "type" | "descriptor">): boolean {
  return type === FD_READ && descriptor === STDIN;
}

function readSubscriptions(
  memory: GuestMemory,
  node: GuestNode,
  address: number,
  count: number,
): Subscription[] {
  const view = memory.view();
  const wanted: Subscription[] = [];
  for (let index = 0, at = address >>> 0; index < count; index++, at += SUBSCRIPTION_BYTES) {
    const type = view.getUint8(at + 8);
    const id = view.getUint32(at + 16, true);
    const timeoutMs = (view.getUint32(at + 28, true) * WORD + view.getUint32(at + 24, true)) / 1e6;
    const isAbsolute = (view.getUint16(at + 40, true) & ABSOLUTE_TIME) !== 0;
    const delayMs = isAbsolute ? timeoutMs - timeOf(id, node) : timeoutMs;
    wanted.push({
      lowUserData: view.getUint32(at, true),
      highUserData: view.getUint32(at + 4, true),
      type,
      deadlineMs: type === CLOCK ? node.monotonic() + delayMs : Infinity,
      descriptor: id,
    });
  }
  return wanted;
}

function writeEvent(
  view: DataView,
  address: number,
  subscription: Subscription,
  error: number,
): void {
  const { lowUserData, highUserData, type } = subscription;
  const at = address >>> 0;
  view.setUint32(at, lowUserData, true);
  view.setUint32(at + 4, highUserData, true);
  view.setUint16(at + 8, error, true);
  view.setUint16(at + 10, type, true);
  for (let word = 12; word < EVENT_BYTES; word += 4) view.setUint32(at + word, 0, true);
  if (type !== CLOCK) view.setUint32(at + 16, 1, true);
}
