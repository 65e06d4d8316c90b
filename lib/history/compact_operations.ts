/**
 * Operations whose long lists share their elements with those of other operations; see
 * shared_lists.ts.
 *
 * @module
 */

import type { Operation } from "./operation.ts";
import { continued, elementsOf, type SharedList, SharedLists } from "./shared_lists.ts";

const sharedValues = new WeakMap<Operation, SharedList>();

/** One function for all operations: they have one shape in memory, instead of a dictionary each. */
const valueProperty: PropertyDescriptor & ThisType<Operation> = {
  enumerable: true,
  configurable: true,
  get() {
    return elementsOf(sharedValues.get(this) as SharedList);
  },
};

/** Makes the operations of one history compact. */
export class CompactOperations {
  readonly #lists = new SharedLists();

  /**
   * Returns an operation that is equal to the given one. If its value is a long list, the list is
   * made anew from shared elements each time that the value is read.
   */
  compact(operation: Operation): Operation {
    const { value, process } = operation;
    const list = Array.isArray(value) ? this.#lists.share(value, process) : undefined;
    return list === undefined ? operation : withValue(operation, list);
  }

  /**
   * Returns a copy of an operation whose value is the first elements of the list of an earlier one,
   * and then its own.
   */
  continue(operation: Operation, earlier: Operation, first: number): Operation {
    const more = operation.value as readonly unknown[];
    const list = sharedValues.get(earlier);
    if (list !== undefined && first <= list.length) {
      return withValue(operation, continued(list.base, first, more));
    }
    const elements = (earlier.value as readonly unknown[]).slice(0, first);
    return this.compact({ ...operation, value: [...elements, ...more] });
  }
}

/** Returns the shared list that is an operation's value; undefined for other values. */
export function sharedValueOf(operation: Operation): SharedList | undefined {
  return sharedValues.get(operation);
}

function withValue(operation: Operation, list: SharedList): Operation {
  const { index, time, type, process, f, value: _, ...optional } = operation;
  const compact = { index, time, type, process, f };
  Object.defineProperty(compact, "value", valueProperty);
  const whole = Object.assign(compact, optional) as Operation;
  sharedValues.set(whole, list);
  return whole;
}
