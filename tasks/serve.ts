/**
 * `deno task serve`: the runs in a store as pages on this machine.
 *
 * @module
 */

import { runUserCommand } from "./cli/run_command.ts";
import { serveCommand } from "./cli/serve_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => serveCommand(Deno.args)));
