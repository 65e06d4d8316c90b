/**
 * How often something is said that waits for a pause: acknowledgements and offers of broadcast.
 *
 * @module
 */

/** What makes a spell; rates per second, times in seconds. */
export interface Spell {
  /** Rate of the news that begin a spell and prolong it. */
  readonly news: number;
  /** The spell ends when no news came for so long… */
  readonly quiet: number;
  /** …or when it has lasted so long… */
  readonly longest: number;
  /** …or with the next of what comes at this rate. */
  readonly cutShort?: number;
}

/** What becomes of spells. */
export interface Spells {
  readonly perSecond: number;
  /** The part of them that ended with a pause… */
  readonly quietly: number;
  /** …and that lasted as long as they may. The others were cut short. */
  readonly lasted: number;
}

/**
 * How many spells there are, and how they end, where everything comes at random times (Poisson).
 *
 * The first pause of length Q among news of rate x takes (e^(xQ) − 1)/x on average, the pause
 * included. So from Q on a spell is taken to end at a constant rate that gives this mean; before it,
 * it can only be cut short. A spell's mean length is the integral of the chance that it still lasts, and
 * the next begins with the next news after it.
 */
export function spellsOf({ news, quiet, longest, cutShort = 0 }: Spell): Spells {
  if (news === 0) return { perSecond: 0, quietly: 0, lasted: 0 };
  const untilPause = Math.expm1(news * quiet) / news - quiet;
  const rest = Math.max(0, longest - quiet);
  const ending = cutShort + 1 / untilPause;
  const reaches = Math.exp(-cutShort * quiet);
  const lasted = reaches * Math.exp(-ending * rest);
  const length = integral(cutShort, Math.min(quiet, longest)) + reaches * integral(ending, rest);
  return {
    perSecond: 1 / (1 / news + length),
    quietly: Math.max(0, 1 - lasted - cutShort * length),
    lasted,
  };
}

/**
 * The integral of e^(−rate·t) over a time: how long it is on average until something comes at this
 * rate, or that time is over.
 */
export function integral(rate: number, time: number): number {
  return rate === 0 ? time : -Math.expm1(-rate * time) / rate;
}

/**
 * Acknowledgements a second that go by themselves on one way of a link: where news come at a rate,
 * and what goes back at another takes the acknowledgement along.
 */
export function acknowledgements(
  news: number,
  back: number,
  timing: { readonly quiet: number; readonly longest: number },
): number {
  const { perSecond, quietly, lasted } = spellsOf({ news, cutShort: back, ...timing });
  return perSecond * (quietly + lasted);
}

/** Times a second that something goes which goes at once, but not within `interval` of the last time. */
export function paced(news: number, interval: number): number {
  if (news === 0) return 0;
  return 1 / (interval + Math.exp(-news * interval) / news);
}
