/**
 * `deno task playground`: one page that runs simulations of the project's nodes.
 *
 * @module
 */

import { playgroundCommand } from "./cli/playground_command.ts";
import { runUserCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => playgroundCommand(Deno.args)));
