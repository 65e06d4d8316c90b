/**
 * Collects anomalies. A broken system shows the same anomaly thousands of times: all are counted, and
 * the first few of each type are explained.
 *
 * @module
 */

import { type Explanation, MAX_EXPLANATIONS_PER_TYPE } from "../explanation.ts";

/** The data that prove an anomaly, and a sentence that says so. */
export interface Evidence {
  readonly message: string;
  readonly [data: string]: unknown;
}

/** The anomalies of one type. */
export interface AnomalyGroup {
  readonly count: number;
  /** Some of them; none where there is nothing to tell but the name. */
  readonly cases: readonly Explanation[];
}

/** Anomalies by type. */
export class AnomalyLog {
  readonly #groups = new Map<string, { count: number; readonly cases: Explanation[] }>();

  /** Counts an anomaly; `prove` is called only if it is to be explained. */
  record(type: string, prove?: () => Evidence): void {
    let group = this.#groups.get(type);
    if (group === undefined) {
      group = { count: 0, cases: [] };
      this.#groups.set(type, group);
    }
    group.count++;
    if (prove !== undefined && group.cases.length < MAX_EXPLANATIONS_PER_TYPE) {
      group.cases.push({ type, ...prove() });
    }
  }

  /** The types that occurred. */
  types(): string[] {
    return [...this.#groups.keys()];
  }

  /** The anomalies of a type that occurred. */
  group(type: string): AnomalyGroup {
    return this.#groups.get(type) ?? { count: 0, cases: [] };
  }

  /** The same log without anomalies of these types. */
  without(types: readonly string[]): AnomalyLog {
    const rest = new AnomalyLog();
    for (const [type, group] of this.#groups) {
      if (!types.includes(type)) rest.#groups.set(type, group);
    }
    return rest;
  }
}
