/**
 * The number of random histories on which a test compares a checker with an oracle.
 *
 * @module
 */

/** Returns the number of histories: the variable ORACLE_HISTORIES, or a number that takes seconds. */
export function oracleHistories(usual: number): number {
  return Number(Deno.env.get("ORACLE_HISTORIES") ?? usual);
}
