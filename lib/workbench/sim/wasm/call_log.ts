/**
 * The errors of a program's calls on files. A call outside of the node's folder is named in the log.
 *
 * @module
 */

import { FileError, type FileErrorCode } from "../files/file_error.ts";
import { FOLDER_NAME } from "../files/simulated_folder.ts";
import type { GuestNode } from "../guest.ts";

/** Names calls in a node's log, each text once. */
export class CallLog {
  readonly #node: GuestNode;
  readonly #logged = new Set<string>();

  constructor(node: GuestNode) {
    this.#node = node;
  }

  /**
   * Names a call that the simulation does not have, the error that the program receives, and what to
   * do instead.
   */
  missing(call: string, code: string, instead?: string): void {
    const text = `the program called ${call}, which a simulated node does not have: ${code}`;
    this.#log(call, instead === undefined ? text : `${text}; ${instead}`);
  }

  /** Names a program that is stuck, and the functions in which it waits. */
  stuck(problem: string, frames: readonly string[] = []): void {
    this.#log(problem, [`the program ${problem}`, ...frames].join("\n"));
  }

  /**
   * Runs an operation on files for a call of the program. If it fails, returns the result of `fail`.
   */
  attempt<T>(call: () => string, operation: () => T, fail: (code: FileErrorCode) => T): T {
    try {
      return operation();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      if (error.isOutside) {
        const text = call();
        this.#log(
          text,
          `the program called ${text}, but a simulated node has the folder ` +
            `${FOLDER_NAME} only: ${error.code}`,
        );
      }
      return fail(error.code);
    }
  }

  #log(key: string, line: string): void {
    if (this.#logged.has(key)) return;
    this.#logged.add(key);
    this.#node.log(line);
  }
}
