/**
 * An engine in virtual time whose nodes write their output as lines of text, for tests of what the
 * workbench makes of a node's output.
 *
 * @module
 */

import type { JsonObject } from "../../lib/base/mod.ts";
import type { Engine, ExitStatus, NodeHandle, NodeListener } from "../../lib/workbench/engine.ts";
import { readOutputLine } from "../../lib/workbench/output_line.ts";
import { drive } from "../../lib/workbench/sim/drive.ts";
import { VirtualClock } from "../../lib/workbench/sim/mod.ts";
import type { RawMessage } from "../../lib/wire/mod.ts";

/** A request that a node received. */
export interface ReceivedMessage extends RawMessage {
  readonly body: JsonObject;
}

/** Returns the lines that a node writes when it receives a message. */
export type LineNode = (message: ReceivedMessage) => readonly string[];

const MAX_EVENTS_PER_INSTANT = 100_000;

/** Runs nodes that a function makes of their id. */
export class LineEngine implements Engine {
  readonly name = "lines";
  readonly clock = new VirtualClock();
  readonly missingFaults: readonly string[] = [];
  readonly #program: (id: string) => LineNode;

  constructor(program: (id: string) => LineNode) {
    this.#program = program;
  }

  start(id: string, listener: NodeListener): NodeHandle {
    const node = this.#program(id);
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    return {
      deliver(message) {
        for (const line of node(message as ReceivedMessage)) write(line, listener);
      },
      exit: undefined,
      ended: promise,
      lastLines: { stdout: [], stderr: [] },
      kill() {
        resolve({ code: 137, signal: "SIGKILL" });
        return Promise.resolve();
      },
      pause() {},
      resume() {},
    };
  }

  run<T>(test: () => Promise<T>): Promise<T> {
    return drive(test, { clock: this.clock, maxEventsPerInstant: MAX_EVENTS_PER_INSTANT });
  }
}

/** Handles a line as the process engine does. */
function write(line: string, listener: NodeListener): void {
  const { message, problem } = readOutputLine(line);
  if (problem !== undefined) {
    listener.malformedOutput(line, problem, { isAccepted: message !== undefined });
  }
  if (message !== undefined) listener.sent(message);
}
