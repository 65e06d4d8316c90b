/**
 * The network rule that a fault has added to the network, at most one at a time.
 *
 * @module
 */

import type { Network } from "../network.ts";
import type { NetworkRule } from "../rule.ts";

/** A slot for the active rule of one fault. */
export class ActiveRule {
  #rule: NetworkRule | undefined;

  /** Adds a rule to the network and removes the previous one. */
  replace(network: Network, rule: NetworkRule): void {
    this.remove(network);
    this.#rule = rule;
    network.addRule(rule);
  }

  /** Removes the active rule from the network, if any. */
  remove(network: Network): void {
    if (this.#rule !== undefined) network.removeRule(this.#rule);
    this.#rule = undefined;
  }
}
