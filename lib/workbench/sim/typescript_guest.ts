/**
 * Node functions as guests of simulated nodes. A guest receives copies of messages, so that nodes
 * share no state.
 *
 * @module
 */

import { type Host, type NodeFunction, NodeRuntime } from "../../node/mod.ts";
import { LogStorage } from "../../node/storage/mod.ts";
import { type RawMessage, toMessage } from "../../wire/mod.ts";
import { copyJson } from "./copy_json.ts";
import type { Boot, Guest, GuestNode, LoadGuest } from "./guest.ts";
import { instanceOf } from "./instances.ts";

/** Returns how to load a node function whose modules are an instance of their own. */
export function loadNodeFunction(program: NodeFunction): LoadGuest {
  return () => {
    const instance = instanceOf(program);
    return instance instanceof Promise ? instance.then(bootOf) : bootOf(instance);
  };
}

function bootOf(program: NodeFunction): Boot {
  return (node) => new TypeScriptGuest(program, node);
}

class TypeScriptGuest implements Guest {
  readonly #node: GuestNode;
  readonly #runtime: NodeRuntime;

  /** Throws a `UsageError` for arguments that the program does not accept. */
  constructor(program: NodeFunction, node: GuestNode) {
    this.#node = node;
    this.#runtime = new NodeRuntime(program, hostOf(node), node.args);
  }

  get state(): unknown {
    return this.#runtime.state;
  }

  receive(raw: RawMessage): void {
    let message;
    try {
      message = toMessage(copyJson(raw));
    } catch (error) {
      return this.#node.log(`skipped a line of input: ${(error as Error).message}`);
    }
    this.#runtime.receive(message);
  }
}

function hostOf(node: GuestNode): Host {
  return {
    transmit: (message) => node.transmit(message),
    startTimer: (delayMs, fn) => node.startTimer(delayMs, fn),
    now: () => node.now(),
    monotonic: () => node.monotonic(),
    random: () => node.random(),
    log: (line) => node.log(line),
    sometimes: (text) => node.sometimes(text),
    fail: (error) => node.fail(error),
    openStorage: () => new LogStorage(node.openDisk(), node),
  };
}
