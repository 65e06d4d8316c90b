/**
 * `deno task worker --fleet URL`: explores seeds for the starters of a fleet.
 *
 * @module
 */

import { runUserCommand } from "./cli/run_command.ts";
import { workerCommand } from "./fleet/worker_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => workerCommand(Deno.args)));
