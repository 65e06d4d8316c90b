/**
 * `deno task explore WORKLOAD`: searches for seeds under which a node fails.
 *
 * @module
 */

import { exploreCommand } from "./cli/explore_command.ts";
import { runCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => exploreCommand(Deno.args)));
