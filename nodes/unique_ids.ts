#!/usr/bin/env -S deno run
/**
 * Ids that are unique in the whole cluster (Gossip Glomers challenge 2), in six ways. The first four
 * send no message, so they are as available as the node itself, under any partition.
 *
 * | Strategy | An id is | A process that starts again, even within the same millisecond |
 * |---|---|---|
 * | `uuid` (default) | a version 7 UUID (RFC 9562): milliseconds, then 74 random bits | is safe: the random bits differ |
 * | `counter` | `<node>-<life>-<count>`; a life is 48 random bits | is safe: its life differs |
 * | `modulo` | `count · n + index`: residue class of the node | **repeats**: the count begins again |
 * | `snowflake` | 41 bits of milliseconds, 10 of the node, 12 of a count | is safe if a millisecond has passed since its last id, and its clock did not go back meanwhile |
 * | `lin-kv` | an integer out of blocks taken by compare-and-set | is safe: a block is never given twice, what is left of one is lost |
 * | `lin-tso` | a timestamp of the oracle | is safe: the oracle counts |
 *
 * @module
 */
import { v7 as uuidV7 } from "uuid";
import { choice, type Json, type Node, quantity, serve } from "../lib/node/mod.ts";

type Generate = () => Json | Promise<Json>;

const flags = {
  strategy: choice(
    ["uuid", "counter", "modulo", "snowflake", "lin-kv", "lin-tso"],
    "how ids are made",
  ),
  block: quantity(1000, "ids that lin-kv takes at a time: one call a second at 1,000 a second", {
    least: 1,
    integer: true,
  }),
};

/** Answers `generate`. */
export default function uniqueIds(node: Node) {
  const { strategy, block } = node.flags(flags);
  const strategies: Readonly<Record<typeof strategy, () => Generate>> = {
    uuid: () => uuid(node),
    counter: () => counter(node),
    modulo: () => modulo(node),
    snowflake: () => snowflake(node),
    "lin-kv": () => linKv(node, block),
    "lin-tso": () => () => node.tso.next(),
  };
  const generate = strategies[strategy]();
  node.on("generate", () => {
    const id = generate();
    return id instanceof Promise
      ? id.then((id) => ({ type: "generate_ok", id }))
      : { type: "generate_ok", id };
  });
}

function uuid(node: Node): Generate {
  const random = new Uint8Array(16);
  return () => {
    for (let byte = 0; byte < random.length; byte++) random[byte] = Math.floor(node.random() * 256);
    return uuidV7({ msecs: Math.floor(node.now()), random });
  };
}

function counter(node: Node): Generate {
  let count = 0;
  let prefix = "";
  return () => {
    // The life is drawn with the first id: a node knows its own id only after init.
    prefix ||= `${node.id}-${Math.floor(node.random() * 2 ** 48).toString(36)}`;
    return `${prefix}-${count++}`;
  };
}

function modulo(node: Node): Generate {
  let count = 0;
  return () => count++ * node.nodes.length + node.nodes.indexOf(node.id);
}

const SNOWFLAKE_EPOCH_MS = Date.UTC(2024, 0, 1);
const NODE_BITS = 10;
const COUNT_BITS = 12;

/**
 * 63 bits do not fit a JavaScript number, so the id is a string of digits. The clock of the node may
 * go back; the highest millisecond seen counts on until it is reached again, and so it does when a
 * millisecond's 4,096 ids are used up.
 */
function snowflake(node: Node): Generate {
  let millisecond = 0;
  let count = 0;
  return () => {
    const now = Math.floor(node.now()) - SNOWFLAKE_EPOCH_MS;
    if (now > millisecond) {
      millisecond = now;
      count = 0;
    } else if (++count >= 2 ** COUNT_BITS) {
      millisecond++;
      count = 0;
    }
    const index = node.nodes.indexOf(node.id) % 2 ** NODE_BITS;
    const high = BigInt(millisecond) << BigInt(NODE_BITS + COUNT_BITS);
    return String(high | BigInt(index << COUNT_BITS) | BigInt(count));
  };
}

function linKv(node: Node, block: number): Generate {
  let next = 0;
  let end = 0;
  let taking: Promise<void> | undefined;
  const take = async () => {
    const taken = await node.kv.lin.update("ids", (given) => Number(given ?? 0) + block);
    end = Number(taken);
    next = end - block;
  };
  return async () => {
    while (next === end) {
      taking ??= take().finally(() => taking = undefined);
      await taking;
    }
    return next++;
  };
}

if (import.meta.main) await serve(uniqueIds);
