#!/usr/bin/env -S deno run
/**
 * Replicated logs as in Kafka, with a primary: the first node stores all logs, and the others
 * forward their requests to it. See {@link onPrimary}.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `skip` | omits the second entry of every third poll | `int-poll-skip` |
 * | `repeat` | starts every third poll one offset too early | `nonmonotonic-poll` |
 * | `hide` | never returns entries of every third key | `unseen` |
 * | `reuse` | assigns the previous offset to every 9th message | `inconsistent-offsets` |
 * | `twice` | stores every 10th message at two offsets | `duplicate` |
 * | `backwards` | assigns offsets that go up and down | `nonmonotonic-send` |
 * | `lose` | acknowledges every 8th message without storing it | `lost-write` |
 * | `abort` | stores every 8th message, and replies that it did not | `G1a` |
 *
 * ```sh
 * deno task maelstrom test -w kafka --bin examples/kafka.ts --engine sim \
 *   --node-count 2 --concurrency 4n --rate 100 --time-limit 10 -- --fault lose
 * ```
 *
 * @module
 */

import { type Json, RpcError, schema, serve } from "../lib/node/mod.ts";
import { defineFaultyNode, everyNth } from "./support/fault.ts";
import { onPrimary } from "./support/primary.ts";

type Entry = [offset: number, message: Json];

const faults = [
  "skip",
  "repeat",
  "reuse",
  "twice",
  "hide",
  "backwards",
  "lose",
  "abort",
] as const;

const kafka = defineFaultyNode([...faults], (node, fault) => {
  const isFaultyPoll = everyNth(3);
  const isFaultySend = everyNth(fault === "reuse" ? 9 : fault === "twice" ? 10 : 8);
  const logs = new Map<string, Entry[]>();
  const ends = new Map<string, number>();
  const committed = new Map<string, number>();

  function nextOffset(key: string): number {
    const end = ends.get(key) ?? 0;
    ends.set(key, end + 1);
    return fault === "backwards" && end % 2 === 1 ? end + 1000 : end;
  }

  function send(key: string, message: Json): number {
    const isFaulty = isFaultySend();
    const log = logs.get(key) ?? [];
    logs.set(key, log);
    if (fault === "reuse" && isFaulty && log.length > 0) {
      ends.set(key, (ends.get(key) as number) - 1);
    }
    const offset = nextOffset(key);
    if (fault === "lose" && isFaulty) return offset;
    log.push([offset, message]);
    if (fault === "twice" && isFaulty) log.push([nextOffset(key), message]);
    if (fault === "abort" && isFaulty) throw new RpcError(14, "the message was not stored");
    return offset;
  }

  function poll(key: string, from: number, isFaulty: boolean): Entry[] {
    if (fault === "hide" && Number(key) % 3 === 0) return [];
    const first = fault === "repeat" && isFaulty ? from - 1 : from;
    const entries = (logs.get(key) ?? []).filter(([offset]) => offset >= first)
      .sort(([a], [b]) => a - b);
    return fault === "skip" && isFaulty ? entries.filter((_, index) => index !== 1) : entries;
  }

  const offsets = { offsets: schema.record(schema.natural) };
  onPrimary(node, "send", { key: schema.string, msg: schema.json }, ({ key, msg }) => ({
    type: "send_ok",
    offset: send(key, msg),
  }));
  onPrimary(node, "poll", offsets, ({ offsets }) => {
    const isFaulty = isFaultyPoll();
    const polled = Object.entries(offsets).map(([key, from]) =>
      [key, poll(key, from, isFaulty)] as const
    );
    const msgs = Object.fromEntries(polled.filter(([, entries]) => entries.length > 0));
    return { type: "poll_ok", msgs };
  });
  onPrimary(node, "commit_offsets", offsets, ({ offsets }) => {
    for (const [key, offset] of Object.entries(offsets)) {
      committed.set(key, Math.max(offset, committed.get(key) ?? 0));
    }
    return { type: "commit_offsets_ok" };
  });
  onPrimary(node, "list_committed_offsets", { keys: schema.array(schema.string) }, ({ keys }) => {
    const committedKeys = keys.filter((key) => committed.has(key));
    const offsets = Object.fromEntries(
      committedKeys.map((key) => [key, committed.get(key) as number]),
    );
    return { type: "list_committed_offsets_ok", offsets };
  });
});

export default kafka;

if (import.meta.main) await serve(kafka);
