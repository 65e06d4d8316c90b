/**
 * The time at which simulations begin.
 *
 * @module
 */

/** 1 January 2025, 00:00 UTC, in milliseconds since 1970. */
export const EPOCH_MS = 1_735_689_600_000;
