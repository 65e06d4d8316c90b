/**
 * `deno task planted`: plants faults in protocols, and counts the seeds until explore finds each.
 *
 * @module
 */

import { runCommand } from "./cli/run_command.ts";
import { plantedCommand } from "./planted/planted_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => plantedCommand(Deno.args)));
