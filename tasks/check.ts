/**
 * `deno task check PATH…`: judges histories of any tool.
 *
 * @module
 */

import { checkCommand } from "./cli/check_command.ts";
import { runUserCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => checkCommand(Deno.args)));
