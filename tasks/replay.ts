/**
 * `deno task replay FILE [--trace]`: runs a case that explore has kept again, exactly.
 *
 * Exit codes: 0 valid, 1 invalid, 2 unknown, 254 for a wrong command line, 255 when the node does
 * not start.
 *
 * @module
 */

import { replayCommand } from "./cli/replay_command.ts";
import { runCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => replayCommand(Deno.args)));
