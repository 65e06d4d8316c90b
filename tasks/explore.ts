/**
 * `deno task explore WORKLOAD`: looks for seeds under which a node fails.
 *
 * Exit codes: 0 when no seed failed, 1 when one did, 130 after Ctrl-C, 254 for a wrong command line,
 * 255 when the node does not start.
 *
 * @module
 */

import { exploreCommand } from "./cli/explore_command.ts";
import { runCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => exploreCommand(Deno.args)));
