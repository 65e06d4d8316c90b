/**
 * What a probe is: one way to reach time, chance, or the machine.
 *
 * @module
 */

/** A way to reach something that differs from run to run. */
export interface Probe {
  readonly name: string;
  /** Statements at the top level of the node's module. */
  readonly top?: string;
  /** An expression in the handler of a request, which may wait. */
  readonly value: string;
  /** The reported calls, by their first occurrence; none for code that is the same in every run. */
  readonly calls: readonly string[];
}
