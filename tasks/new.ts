/**
 * `deno task new NAME`: writes a node and its test.
 *
 * @module
 */

import { newCommand } from "./cli/new_command.ts";
import { runUserCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => newCommand(Deno.args)));
