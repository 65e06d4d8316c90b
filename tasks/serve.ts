/**
 * `deno task serve`: the runs in a store as pages on this machine.
 *
 * @module
 */

import { runCommand } from "./cli/run_command.ts";
import { serveCommand } from "./cli/serve_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => serveCommand(Deno.args)));
