#!/usr/bin/env -S deno run
/**
 * Unique ids (Gossip Glomers challenge 2): every request gets an id that no other request gets, from
 * any node, ever. Needs no permissions.
 *
 * `--strategy` says how. Those without server messages are totally available under any partition:
 *
 * | Strategy | An id is | Server messages | Unique if a node restarts within one millisecond |
 * |---|---|---|---|
 * | `counter` (default) | node id, a nonce of this life, a counter | none | yes: 52 random bits in the nonce |
 * | `uuid` | a UUID version 7 (RFC 9562) | none | yes: 74 random bits in every id |
 * | `modulo` | an integer; node i of n counts i, i+n, i+2n, … | none | yes, by waiting (below) |
 * | `snowflake` | 63 bits: time, node, sequence, as Twitter's | none | yes, by waiting (below) |
 * | `lin-kv` | an integer from a block that a compare-and-set took | 4 a block | yes: a block is taken once |
 * | `lin-tso` | a timestamp of the oracle | 2 an id | yes: the oracle remembers |
 *
 * The default because it is the fastest and trusts nothing: not the clock, and chance only where one
 * node starts twice. `modulo` and `snowflake` do trust the clock: they begin where the clock stands,
 * which is beyond what an earlier life gave out if the clock did not go back between the two lives and
 * the earlier one never gave more than 256 (4,096) ids a millisecond. A life that lasted less than a
 * millisecond would break that, so `init` is answered only when the millisecond that it came in is
 * over. Within one life a clock that jumps back does no harm.
 *
 * @module
 */
import {
  contract,
  defineNode,
  ErrorCode,
  flag,
  type Json,
  type Node,
  RpcError,
  serve,
} from "../lib/node/mod.ts";

/** Gives the next id. */
type Next = () => Json | Promise<Json>;

/** 2020-01-01 in milliseconds: times since then leave room for other things in 53 bits. */
const EPOCH_MS = 1_577_836_800_000;
/** So many ids a millisecond may `modulo` give on average; 64 nodes stay below 2⁵³ until 2037. */
const MODULO_IDS_PER_MS = 256;
const SNOWFLAKE_NODES = 2 ** 10;
const SNOWFLAKE_SEQUENCES = 2 ** 12;
const BLOCK_KEY = "unique-ids";

// Loading uuid takes longer than starting the rest of this program, so a process does so only for the
// strategy that uses it. A simulation imports this module and cannot wait once time is virtual.
const loadedUuid = import.meta.main ? undefined : await import("uuid");

function counter(node: Node): Next {
  const time = Math.floor(node.now()).toString(36);
  const nonce = Math.floor(node.random() * 2 ** 52).toString(36);
  const prefix = `${node.id}-${time}.${nonce}-`;
  let count = 0;
  return () => prefix + (count++).toString(36);
}

async function uuid(node: Node): Promise<Next> {
  const { v7 } = loadedUuid ?? await import("uuid");
  const random = new Uint8Array(16);
  return () => {
    for (let index = 0; index < random.length; index++) random[index] = node.random() * 256;
    return v7({ msecs: Math.floor(node.now()), random });
  };
}

async function modulo(node: Node): Promise<Next> {
  const nodes = node.nodes.length;
  const start = await nextMillisecond(node) * MODULO_IDS_PER_MS;
  let next = start * nodes + node.nodes.indexOf(node.id);
  return () => {
    const id = next;
    next += nodes;
    return id;
  };
}

async function snowflake(node: Node): Promise<Next> {
  if (node.nodes.length > SNOWFLAKE_NODES) {
    throw new RangeError(`snowflake ids have room for ${SNOWFLAKE_NODES} nodes`);
  }
  const origin = node.nodes.indexOf(node.id) * SNOWFLAKE_SEQUENCES;
  let time = await nextMillisecond(node);
  let sequence = -1;
  return () => {
    const now = millisecond(node);
    sequence++;
    // When the clock stands still or has gone back, the sequence goes on, and when that is used up it
    // borrows from the milliseconds to come.
    if (now > time || sequence === SNOWFLAKE_SEQUENCES) {
      time = Math.max(now, time + 1);
      sequence = 0;
    }
    const id = BigInt(time) * BigInt(SNOWFLAKE_NODES * SNOWFLAKE_SEQUENCES) +
      BigInt(origin + sequence);
    // As text, because in a client a number may have 53 bits only.
    return id.toString();
  };
}

function linKv(node: Node, block: number): Next {
  let next = 0;
  let end = 0;
  let taking: Promise<void> | undefined;
  // A block that was taken without the answer getting here is lost: a gap, but no repetition.
  const take = async () => {
    try {
      const taken = await node.kv.lin.update(
        BLOCK_KEY,
        (current) => (current as number | undefined ?? 0) + block,
      );
      end = taken as number;
      next = end - block;
    } catch (error) {
      throw unavailable(`no block of ids could be taken: ${(error as Error).message}`);
    } finally {
      taking = undefined;
    }
  };
  const wait = async () => {
    while (next === end) await (taking ??= take());
    return next++;
  };
  return () => next < end ? next++ : wait();
}

function linTso(node: Node): Next {
  return async () => {
    try {
      return await node.tso.next();
    } catch (error) {
      throw unavailable(`no timestamp came: ${(error as Error).message}`);
    }
  };
}

/** Waits until the millisecond is over, and gives the one that it is then, since {@link EPOCH_MS}. */
async function nextMillisecond(node: Node): Promise<number> {
  const start = millisecond(node);
  while (millisecond(node) === start) await node.sleep(1);
  return millisecond(node);
}

function millisecond(node: Node): number {
  return Math.floor(node.now()) - EPOCH_MS;
}

/** An error that says for certain that no id was given. */
function unavailable(why: string): RpcError {
  return new RpcError(ErrorCode.temporarilyUnavailable, why);
}

const flags = {
  strategy: flag.oneOf(["counter", "uuid", "modulo", "snowflake", "lin-kv", "lin-tso"], {
    help: "counter, uuid, modulo, snowflake, lin-kv or lin-tso",
    default: "counter",
  }),
  block: flag.number({
    placeholder: "N",
    help: "lin-kv: ids that a node reserves in one call",
    default: 100,
    min: 1,
    max: 1e9,
    integer: true,
  }),
};

/** Answers `generate` with an id. */
const uniqueIds = defineNode({ flags, serves: contract.uniqueIds }, async (node, flags) => {
  const strategies: Record<typeof flags.strategy, () => Next | Promise<Next>> = {
    counter: () => counter(node),
    uuid: () => uuid(node),
    modulo: () => modulo(node),
    snowflake: () => snowflake(node),
    "lin-kv": () => linKv(node, flags.block),
    "lin-tso": () => linTso(node),
  };
  const next = await strategies[flags.strategy]();
  return {
    generate() {
      const id = next();
      return id instanceof Promise ? id.then((id) => ({ id })) : { id };
    },
  };
});

export default uniqueIds;
if (import.meta.main) await serve(uniqueIds);
