/**
 * Strategy `caspaxos`: each key is a register on a majority of the nodes' disks, and every node serves
 * every request. `caspaxos.ts` explains the protocol, and why it is linearizable; `registers.ts` how a
 * request ends that no majority has confirmed in time.
 *
 * @module
 */

import { jsonEquals, stringifyJson } from "../../base/mod.ts";
import {
  type contract,
  type ContractHandlers,
  ErrorCode,
  type Json,
  type Node,
  RpcError,
} from "../../node/mod.ts";
import { serveRegisters } from "./registers.ts";

/** Returns the handlers of a node that keeps registers; resolves when its disk is read. */
export async function casPaxosLinKv(
  node: Node,
  options: { readonly "min-timeout": number },
): Promise<ContractHandlers<typeof contract.linKv>> {
  const change = await serveRegisters(node, options["min-timeout"]);
  return {
    async read({ key }) {
      const value = await change(key, (value) => [value, value], true);
      if (value === undefined) throw missing(key);
      return { value };
    },
    async write({ key, value }) {
      await change(key, () => [value, undefined]);
      return {};
    },
    async cas({ key, from, to }) {
      const error = await change<RpcError | undefined>(key, (value) => {
        if (value === undefined) return [value, missing(key)];
        return jsonEquals(value, from) ? [to, undefined] : [value, mismatch(key, value, from)];
      });
      if (error !== undefined) throw error;
      return {};
    },
  };
}

function missing(key: Json): RpcError {
  return new RpcError(ErrorCode.keyDoesNotExist, `the key ${stringifyJson(key)} does not exist`);
}

function mismatch(key: Json, value: Json, from: Json): RpcError {
  const text = `the value of ${stringifyJson(key)} is ${stringifyJson(value)}, ` +
    `not ${stringifyJson(from)}`;
  return new RpcError(ErrorCode.preconditionFailed, text);
}
