/**
 * `--schedule FILE`: a nemesis schedule from a file instead of a generated one.
 *
 * @module
 */

import { UsageError } from "../../lib/base/mod.ts";
import { decodeSchedule, type NemesisEvent, ScheduleError } from "../../lib/workbench/mod.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";
import type { TestFlags } from "./test_flags.ts";

/** A schedule, and the options with the faults that occur in it. */
export interface ScheduledTest {
  readonly options: TestOptions;
  readonly schedule?: readonly NemesisEvent[];
}

/** Reads the file of `--schedule`, if given. Throws {@link UsageError}. */
export function readScheduleFlag(flags: TestFlags, options: TestOptions): ScheduledTest {
  const file = flags.schedule;
  if (file === undefined) return { options };
  if (flags.nemesis !== undefined) {
    throw new UsageError(
      "--schedule and --nemesis exclude each other; the schedule already names its faults",
    );
  }
  try {
    const schedule = decodeSchedule(Deno.readTextFileSync(file), options.nodes);
    const faults = schedule.map(({ f }) => f.slice(f.indexOf("-") + 1));
    return { schedule, options: { ...options, nemesis: [...new Set(faults)] } };
  } catch (error) {
    if (error instanceof ScheduleError) throw new UsageError(`${file}: ${error.message}`);
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`--schedule ${file}: file not found`);
    }
    throw error;
  }
}
