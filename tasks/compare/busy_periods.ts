/**
 * How often a timer with an idle timeout and a maximum delay fires, when events arrive at random:
 * the rate of stand-alone acknowledgements and of batched IHAVE messages in the broadcast model.
 *
 * A busy period begins with an event. It ends after a pause without events (idle timeout), at a
 * maximum length (maximum delay), or when an interrupt makes the timer superfluous.
 *
 * @module
 */

/** The parameters of a busy period; rates are per second. */
export interface BusyPeriodProcess {
  /** Rate of the events that start and prolong a busy period. */
  readonly arrivalRate: number;
  /** A busy period ends after this many seconds without an event. */
  readonly quietSeconds: number;
  /** A busy period ends at the latest after this many seconds. */
  readonly maxSeconds: number;
  /** Rate of the interrupts, each of which ends a busy period; none by default. */
  readonly interruptRate?: number;
}

/** How many busy periods there are, and how they end. */
export interface BusyPeriods {
  readonly perSecond: number;
  /** The fraction that ended with a pause. */
  readonly endedByPause: number;
  /** The fraction that reached the maximum length. Interrupts ended the others. */
  readonly reachedMax: number;
}

/**
 * Returns the rate and the endings of busy periods. All arrivals are Poisson processes.
 *
 * In arrivals of rate x the mean time to the end of the first pause of length Q is (e^(xQ) − 1)/x.
 * The model approximates: from Q on, a busy period ends at a constant rate with this mean; before
 * Q, only an interrupt ends it. The mean length is the integral of the survival probability. The
 * next busy period starts with the next event.
 */
export function busyPeriods(process: BusyPeriodProcess): BusyPeriods {
  const { arrivalRate, quietSeconds, maxSeconds, interruptRate = 0 } = process;
  if (arrivalRate === 0) return { perSecond: 0, endedByPause: 0, reachedMax: 0 };
  const untilPause = Math.expm1(arrivalRate * quietSeconds) / arrivalRate - quietSeconds;
  const rest = Math.max(0, maxSeconds - quietSeconds);
  const endRate = interruptRate + 1 / untilPause;
  const survivesQuiet = Math.exp(-interruptRate * quietSeconds);
  const reachedMax = survivesQuiet * Math.exp(-endRate * rest);
  const meanLength = truncatedMean(interruptRate, Math.min(quietSeconds, maxSeconds)) +
    survivesQuiet * truncatedMean(endRate, rest);
  return {
    perSecond: 1 / (1 / arrivalRate + meanLength),
    endedByPause: Math.max(0, 1 - reachedMax - interruptRate * meanLength),
    reachedMax,
  };
}

/**
 * Returns the mean of min(T, `seconds`), where T is exponentially distributed with this rate: the
 * integral of e^(−rate·t) from 0 to `seconds`.
 */
export function truncatedMean(rate: number, seconds: number): number {
  return rate === 0 ? seconds : -Math.expm1(-rate * seconds) / rate;
}

/** When a receiver sends an acknowledgement of its own. */
export interface AckTiming {
  /** Seconds without an entry. */
  readonly quietSeconds: number;
  /** Seconds since the first unacknowledged entry. */
  readonly maxSeconds: number;
}

/**
 * Returns the stand-alone acknowledgements per second on one direction of a link. Entries arrive at
 * `arrivalRate`; messages the other way, at `returnRate`, piggyback the acknowledgement.
 */
export function standaloneAcksPerSecond(
  arrivalRate: number,
  returnRate: number,
  timing: AckTiming,
): number {
  const { perSecond, endedByPause, reachedMax } = busyPeriods({
    arrivalRate,
    interruptRate: returnRate,
    ...timing,
  });
  return perSecond * (endedByPause + reachedMax);
}

/**
 * Returns the messages per second of a sender that sends on an event immediately, but at most once
 * per interval.
 */
export function throttledRate(arrivalRate: number, intervalSeconds: number): number {
  if (arrivalRate === 0) return 0;
  return 1 / (intervalSeconds + Math.exp(-arrivalRate * intervalSeconds) / arrivalRate);
}
