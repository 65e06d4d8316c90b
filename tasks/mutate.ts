/**
 * `deno task mutate FILE…`: measures how many small changes of a program its tests detect.
 *
 * @module
 */

import { runCommand } from "./cli/run_command.ts";
import { mutateCommand } from "./mutate/mutate_command.ts";

if (import.meta.main) Deno.exit(await runCommand(() => mutateCommand(Deno.args)));
