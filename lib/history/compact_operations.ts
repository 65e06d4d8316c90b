/**
 * Operations whose long lists share their elements with those of other operations; see
 * shared_lists.ts.
 *
 * @module
 */

import type { Operation } from "./operation.ts";
import { elementsOf, type SharedList, SharedLists } from "./shared_lists.ts";

const sharedValues = new WeakMap<Operation, SharedList>();

/** Makes the operations of one history compact. */
export class CompactOperations {
  readonly #lists = new SharedLists();

  /**
   * Returns an operation that is equal to the given one. If its value is a long list, the list is
   * made anew from shared elements each time that the value is read.
   */
  compact(operation: Operation): Operation {
    const list = Array.isArray(operation.value) ? this.#lists.share(operation.value) : undefined;
    if (list === undefined) return operation;
    const { index, time, type, process, f, value: _, ...optional } = operation;
    const compact: Operation = {
      ...{ index, time, type, process, f },
      get value() {
        return elementsOf(list);
      },
      ...optional,
    };
    sharedValues.set(compact, list);
    return compact;
  }
}

/** Returns the shared list that is an operation's value; undefined for other values. */
export function sharedValueOf(operation: Operation): SharedList | undefined {
  return sharedValues.get(operation);
}
