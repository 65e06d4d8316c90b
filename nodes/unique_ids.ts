#!/usr/bin/env -S deno run
/**
 * Unique ids (Gossip Glomers challenge 2): no two requests to any nodes ever get the same id. Needs
 * no permissions.
 *
 * `--strategy` chooses how. The strategies without server messages are totally available under
 * partitions:
 *
 * | Strategy | An id is | Server messages | Unique if a node restarts within a millisecond |
 * |---|---|---|---|
 * | `counter` (default) | node id, nonce of this incarnation, counter | none | yes: 52 random bits per nonce |
 * | `uuid` | a UUID version 7 (RFC 9562) | none | yes: 74 random bits per id |
 * | `modulo` | an integer; node i of n counts i, i+n, i+2n, … | none | yes, see below |
 * | `snowflake` | 63 bits: time, node, sequence number | none | yes, see below |
 * | `lin-kv` | an integer of a block, reserved by compare-and-set | 4 a block | yes: a block is reserved once |
 * | `lin-tso` | a timestamp of the oracle | 2 an id | yes: the oracle outlives the node |
 *
 * `counter` is the default because it is the fastest and depends on the least: not on the clock,
 * and on randomness only when a node restarts.
 *
 * `modulo` and `snowflake` (Twitter's layout) depend on the wall clock. An incarnation starts at
 * the clock's time, beyond all ids of previous incarnations. That holds if the clock does not go
 * back between two incarnations, and if no incarnation generates more than 256 (`modulo`) or 4,096
 * (`snowflake`) ids a millisecond on average. An incarnation of less than a millisecond would
 * violate it, so a node sends `init_ok` only in the next millisecond. A clock that jumps back while
 * a node runs does no harm.
 *
 * Integers are exact up to 2⁵³ − 1. So `modulo` leaves each of more than 65 nodes fewer than 256
 * ids a millisecond, and refuses clusters that would leave fewer than 16. Snowflakes have room for
 * 1,024 nodes.
 *
 * @module
 */
import { invariant } from "../lib/base/mod.ts";
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

/** Generates the next id. */
type IdSource = () => Json | Promise<Json>;

/** 2020-01-01 UTC. A later epoch than 1970 leaves more of 53 bits for nodes and counters. */
const EPOCH_MS = 1_577_836_800_000;
/** 2037-01-01 UTC, up to which the ids of `modulo` are exact: below 2⁵³. */
const MODULO_END_MS = 2_114_380_800_000;
/** How many ids of all nodes together fit into a millisecond of `modulo`. */
const MODULO_IDS_PER_MS = Math.floor(2 ** 53 / (MODULO_END_MS - EPOCH_MS));
const MAX_MODULO_IDS_PER_MS = 256;
/** More nodes are refused, because fewer ids a millisecond are left for each. */
const MIN_MODULO_IDS_PER_MS = 16;
const MODULO_NODES = Math.floor(MODULO_IDS_PER_MS / MIN_MODULO_IDS_PER_MS);
const SNOWFLAKE_NODES = 2 ** 10;
const SNOWFLAKE_SEQUENCES = 2 ** 12;
const BLOCK_KEY = "unique-ids";

// Loading uuid takes longer than starting the rest of this program, so a process loads it only for
// the strategy that uses it. A simulation loads it here, because it cannot wait for files in
// virtual time.
const loadedUuid = import.meta.main ? undefined : await import("uuid");

function counter(node: Node): IdSource {
  const time = Math.floor(node.now()).toString(36);
  const nonce = Math.floor(node.random() * 2 ** 52).toString(36);
  const prefix = `${node.id}-${time}.${nonce}-`;
  let count = 0;
  return () => prefix + (count++).toString(36);
}

async function uuid(node: Node): Promise<IdSource> {
  const { v7 } = loadedUuid ?? await import("uuid");
  const random = new Uint8Array(16);
  return () => {
    for (let index = 0; index < random.length; index++) random[index] = node.random() * 256;
    return v7({ msecs: Math.floor(node.now()), random });
  };
}

async function modulo(node: Node): Promise<IdSource> {
  const nodes = node.nodes.length;
  if (nodes > MODULO_NODES) {
    throw new RangeError(
      `modulo ids have room for ${MODULO_NODES} nodes, got ${nodes}; choose another strategy`,
    );
  }
  const idsPerMs = Math.min(MAX_MODULO_IDS_PER_MS, Math.floor(MODULO_IDS_PER_MS / nodes));
  const start = await nextMillisecond(node) * idsPerMs;
  let next = start * nodes + node.nodes.indexOf(node.id);
  return () => {
    const id = exact(next);
    next += nodes;
    return id;
  };
}

async function snowflake(node: Node): Promise<IdSource> {
  if (node.nodes.length > SNOWFLAKE_NODES) {
    throw new RangeError(
      `snowflake ids have room for ${SNOWFLAKE_NODES} nodes, got ${node.nodes.length}; ` +
        "choose another strategy",
    );
  }
  const origin = node.nodes.indexOf(node.id) * SNOWFLAKE_SEQUENCES;
  let time = await nextMillisecond(node);
  let sequence = -1;
  let last = -1n;
  return () => {
    const now = millisecond(node);
    sequence++;
    // While the clock stands still or is behind, the sequence number grows. After its last value,
    // ids continue in the next millisecond, ahead of the clock.
    if (now > time || sequence === SNOWFLAKE_SEQUENCES) {
      time = Math.max(now, time + 1);
      sequence = 0;
    }
    const id = BigInt(time) * BigInt(SNOWFLAKE_NODES * SNOWFLAKE_SEQUENCES) +
      BigInt(origin + sequence);
    invariant(id > last, "snowflake ids of a node grow");
    last = id;
    // As text, because numbers of many JSON parsers have 53 bits.
    return id.toString();
  };
}

function linKv(node: Node, block: number): IdSource {
  let next = 0;
  let end = 0;
  let reservation: Promise<void> | undefined;
  // If the reply to a successful compare-and-set is lost, its block stays unused: a gap in the ids.
  const reserve = async () => {
    try {
      const reserved = await node.kv.lin.update(
        BLOCK_KEY,
        (current) => exact((current as number | undefined ?? 0) + block),
      );
      end = reserved as number;
      next = end - block;
    } catch (error) {
      throw unavailable(`could not reserve a block of ids: ${(error as Error).message}`);
    } finally {
      reservation = undefined;
    }
  };
  const reserveAndNext = async () => {
    // Other requests may use up the block before this one continues.
    while (next === end) await (reservation ??= reserve());
    invariant(next < end, "an id lies within its block");
    return next++;
  };
  return () => next < end ? next++ : reserveAndNext();
}

function linTso(node: Node): IdSource {
  return async () => {
    try {
      return await node.tso.next();
    } catch (error) {
      throw unavailable(`got no timestamp: ${(error as Error).message}`);
    }
  };
}

/** Waits until the current millisecond is over; resolves to the one after it. */
async function nextMillisecond(node: Node): Promise<number> {
  const start = millisecond(node);
  while (millisecond(node) === start) await node.sleep(1);
  return millisecond(node);
}

/** Returns the wall clock's whole milliseconds since {@link EPOCH_MS}. */
function millisecond(node: Node): number {
  return Math.floor(node.now()) - EPOCH_MS;
}

/** Returns an id that is exact; throws a definite error for one from 2⁵³ on. */
function exact(id: number): number {
  if (Number.isSafeInteger(id)) return id;
  throw unavailable(`ids below 2^53 are used up: the next one is ${id}; choose another strategy`);
}

/** Returns a definite error: the request did not get an id. */
function unavailable(text: string): RpcError {
  return new RpcError(ErrorCode.temporarilyUnavailable, text);
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

/** Handles `generate`. */
const uniqueIds = defineNode({ flags, serves: contract.uniqueIds }, async (node, flags) => {
  const strategies: Record<typeof flags.strategy, () => IdSource | Promise<IdSource>> = {
    counter: () => counter(node),
    uuid: () => uuid(node),
    modulo: () => modulo(node),
    snowflake: () => snowflake(node),
    "lin-kv": () => linKv(node, flags.block),
    "lin-tso": () => linTso(node),
  };
  const source = await strategies[flags.strategy]();
  return {
    generate() {
      const id = source();
      return id instanceof Promise ? id.then((id) => ({ id })) : { id };
    },
  };
});

export default uniqueIds;
if (import.meta.main) await serve(uniqueIds);
