/**
 * `deno task gateway`: HTTP for the clients of a cluster on NATS.
 *
 * @module
 */

import { gatewayCommand } from "./cli/gateway_command.ts";
import { runUserCommand } from "./cli/run_command.ts";

if (import.meta.main) Deno.exit(await runUserCommand(() => gatewayCommand(Deno.args)));
