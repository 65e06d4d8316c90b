/**
 * Runs a command and turns its errors into a message and an exit code.
 *
 * @module
 */

import { UsageError } from "../../lib/base/mod.ts";
import { StartError } from "../../lib/workbench/mod.ts";
import { printError } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { fileProblem, StoreError } from "./file_problem.ts";
import { enterUsersFolder } from "./users_folder.ts";

/** Runs a command in the folder where the user stands, as {@link runCommand}. */
export function runUserCommand(command: () => Promise<number>): Promise<number> {
  return runCommand(() => {
    enterUsersFolder();
    return command();
  });
}

/** Runs a command; returns its exit code. Prints the stack of an unexpected error. */
export async function runCommand(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof UsageError) {
      printError(error.message);
      return ExitCode.badArguments;
    }
    const isExpected = error instanceof StartError || error instanceof StoreError;
    printError(
      isExpected ? error.message : fileProblem(error) ?? String((error as Error).stack),
    );
    return ExitCode.crash;
  }
}
