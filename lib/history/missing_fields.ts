/**
 * Fields that a history may lack, because its other operations determine them: `index` is the
 * position, `time` is not needed to judge an order, and without concurrency there is one process.
 *
 * @module
 */

import type { Operation } from "./operation.ts";

const OPTIONAL_FIELDS = ["index", "time", "process"] as const;
type OptionalField = (typeof OPTIONAL_FIELDS)[number];

/** Adds the missing fields of a history's records. */
export class MissingFields {
  /** The fields that the first record lacks; the others must lack them, too. */
  #missing: readonly OptionalField[] | undefined;
  #pending = false;
  #process = 0;

  /**
   * Adds what a record lacks. Returns a problem if only some records lack a field, or if a process
   * cannot be determined.
   */
  add(record: Record<string, unknown>, position: number): string | undefined {
    this.#missing ??= OPTIONAL_FIELDS.filter((name) => !Object.hasOwn(record, name));
    for (const name of this.#missing) {
      if (Object.hasOwn(record, name)) {
        return `the operation has a field ${name}, but the first one has none; ` +
          "give it to all operations or to none";
      }
      const problem = name === "process" ? this.#processProblem(record["type"]) : undefined;
      if (problem !== undefined) return problem;
      record[name] = name === "index" ? position : name === "time" ? 0 : this.#process;
    }
    return undefined;
  }

  #processProblem(type: unknown): string | undefined {
    if (type === "invoke" && this.#pending) {
      return "the operation has no process, which concurrent operations need: " +
        "an earlier operation has not completed";
    }
    if (type === "invoke" || this.#pending) return undefined;
    return "the operation has no process, and no operation is pending that it could complete";
  }

  /** Follows the operations that were accepted. */
  advance({ type }: Operation): void {
    this.#pending = type === "invoke";
    // As in Jepsen, a process ends with an indeterminate operation.
    if (type === "info") this.#process++;
  }
}
