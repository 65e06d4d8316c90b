/**
 * `deno task replay FILE [--trace]`: repeats a failing case that explore stored.
 *
 * @module
 */

import { replayCommand } from "./cli/replay_command.ts";
import { runUserCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => replayCommand(Deno.args)));
