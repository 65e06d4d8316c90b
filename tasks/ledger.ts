/**
 * `deno task ledger`: shows the known failing cases of explorations.
 *
 * @module
 */

import { runUserCommand } from "./cli/run_command.ts";
import { ledgerCommand } from "./explore/ledger_command.ts";

if (import.meta.main) {
  Deno.exit(await runUserCommand(() => Promise.resolve(ledgerCommand(Deno.args))));
}
