/**
 * A mutex, as Knossos has it: another client may release it.
 *
 * @module
 */

import type { Model } from "./model.ts";

/** A mutex: `acquire` an open one, `release` a locked one. A state is whether it is locked. */
export const mutex: Model<boolean> = {
  name: "mutex",
  init: () => false,
  step(isLocked, { f }) {
    if (f === "acquire") return isLocked ? undefined : true;
    if (f === "release") return isLocked ? false : undefined;
    throw new TypeError(`a mutex's function must be acquire or release, got ${f}`);
  },
  hash: String,
  describeState: (isLocked) => ({ value: isLocked ? "locked" : "open" }),
  inconsistency: (isLocked, { f }) => `${f} of a mutex that is ${isLocked ? "locked" : "open"}`,
};
