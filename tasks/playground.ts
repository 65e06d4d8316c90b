/**
 * `deno task playground`: one page that runs simulations of the project's nodes.
 *
 * @module
 */

import { playgroundCommand } from "./cli/playground_command.ts";
import { runCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => playgroundCommand(Deno.args)));
