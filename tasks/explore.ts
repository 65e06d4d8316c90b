/**
 * `deno task explore WORKLOAD`: searches for seeds under which a node fails.
 *
 * @module
 */

import { exploreCommand } from "./cli/explore_command.ts";
import { runUserCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => exploreCommand(Deno.args)));
