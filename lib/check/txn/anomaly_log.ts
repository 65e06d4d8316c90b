/**
 * Collects anomalies by type. A faulty system can show the same anomaly thousands of times: the log
 * counts all cases but explains only the first ones of each type.
 *
 * @module
 */

import { type Explanation, MAX_EXPLANATIONS_PER_TYPE } from "../explanation.ts";

/** The data that show an anomaly, and a message that explains it. */
export interface Evidence {
  readonly message: string;
  readonly [data: string]: unknown;
}

/** The anomalies of one type. */
export interface AnomalyGroup {
  readonly count: number;
  /** The first {@link MAX_EXPLANATIONS_PER_TYPE} cases that were recorded with evidence. */
  readonly cases: readonly Explanation[];
}

/** The anomalies of a history, by type. */
export class AnomalyLog {
  readonly #groups = new Map<string, { count: number; readonly cases: Explanation[] }>();

  /** Counts an anomaly. Calls `collect` only if the log still explains anomalies of this type. */
  record(type: string, collect?: () => Evidence): void {
    let group = this.#groups.get(type);
    if (group === undefined) {
      group = { count: 0, cases: [] };
      this.#groups.set(type, group);
    }
    group.count++;
    if (collect !== undefined && group.cases.length < MAX_EXPLANATIONS_PER_TYPE) {
      group.cases.push({ type, ...collect() });
    }
  }

  /** Returns the types of the recorded anomalies, in the order of their first occurrence. */
  types(): string[] {
    return [...this.#groups.keys()];
  }

  /** Returns the recorded anomalies of a type. */
  group(type: string): AnomalyGroup {
    return this.#groups.get(type) ?? { count: 0, cases: [] };
  }

  /** Returns a copy of the log without the anomalies of the given types. */
  without(types: readonly string[]): AnomalyLog {
    const rest = new AnomalyLog();
    for (const [type, group] of this.#groups) {
      if (!types.includes(type)) rest.#groups.set(type, group);
    }
    return rest;
  }
}
