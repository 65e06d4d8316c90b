/**
 * The one rule that a fault of the network has in force at a time.
 *
 * @module
 */

import type { Network } from "../network.ts";
import type { NetworkRule } from "../rule.ts";

/** Holds a rule while it is in force. */
export class ActiveRule {
  #rule: NetworkRule | undefined;

  /** Puts a rule in force, in the place of the one there was. */
  replace(network: Network, rule: NetworkRule): void {
    this.remove(network);
    this.#rule = rule;
    network.addRule(rule);
  }

  /** Takes the rule out of force, if there is one. */
  remove(network: Network): void {
    if (this.#rule !== undefined) network.removeRule(this.#rule);
    this.#rule = undefined;
  }
}
