/**
 * Simulated runs of the kafka node, and what tests read from their results.
 *
 * @module
 */

import type { KafkaVerdict } from "../../../lib/check/mod.ts";
import type { NodeFunction } from "../../../lib/node/mod.ts";
import type { Operation } from "../../../lib/history/mod.ts";
import {
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../../../lib/workbench/mod.ts";
import { kafka as workload } from "../../../lib/workload/kafka.ts";
import kafka from "../../../nodes/kafka.ts";

/** Runs three nodes for 8 s at 60 operations per second; `given` overrides these options. */
export function run(
  args: readonly string[],
  seed: number,
  given: SimulationOptions & { readonly program?: NodeFunction } = {},
): Promise<SimulationResult<KafkaVerdict>> {
  const { program = kafka, ...options } = given;
  return simulate(program, workload, {
    nodes: 3,
    concurrency: 6,
    ratePerSecond: 60,
    timeLimitSeconds: 8,
    nemesisIntervalSeconds: 1.5,
    latency: { meanMs: [0, 5, 30][seed % 3] as number, distribution: "exponential" },
    args,
    seed,
    ...options,
  });
}

/** Returns the checker's names of the anomalies that make a run invalid. */
export function faultsFound({ verdict }: SimulationResult<KafkaVerdict>): readonly string[] {
  return verdict["bad-error-types"];
}

/** Returns the operations that did not succeed, without crashes of clients. */
export function failures({ history }: SimulationResult): Operation[] {
  return history.filter(({ type, f, process }) =>
    type !== "invoke" && type !== "ok" && f !== "crash" && process !== "nemesis"
  );
}

/** Returns the node to which an operation's client sent its request. */
export function nodeOf({ options }: SimulationResult, { process }: Operation): string {
  const worker = Number(process) % options.concurrency;
  return options.nodes[worker % options.nodes.length] as string;
}

/** Returns the number of messages between servers per operation. */
export function messagesPerOperation({ results }: SimulationResult): number {
  return results.net.servers["msgs-per-op"] ?? NaN;
}

/**
 * Returns the committed offsets that went back: a node replied with a lower offset than it had
 * acknowledged or returned, to any client, when the request arrived. The checker only compares what
 * one process has received.
 */
export function loweredCommits({ journal }: SimulationResult): string[] {
  const lowered: string[] = [];
  const requests = new Map<string, { readonly offsets?: Record<string, number> }>();
  /** The highest offset that a node has sent, by node and key. */
  const highest = new Map<string, number>();
  /** The value of \`highest\` when a request arrived, by request. */
  const floors = new Map<string, ReadonlyMap<string, number>>();
  for (const { type, message } of journal) {
    const { src, dest } = message;
    const body = message.body as Record<string, unknown>;
    if (type === "recv" && body.type === "commit_offsets") {
      requests.set(`${src}/${body.msg_id}`, body as { offsets: Record<string, number> });
    } else if (type === "recv" && body.type === "list_committed_offsets") {
      floors.set(`${src}/${body.msg_id}`, new Map(highest));
    } else if (type === "send" && body.type === "commit_offsets_ok") {
      const offsets = requests.get(`${dest}/${body.in_reply_to}`)?.offsets ?? {};
      for (const [key, offset] of Object.entries(offsets)) raise(highest, `${src}/${key}`, offset);
    } else if (type === "send" && body.type === "list_committed_offsets_ok") {
      const floor = floors.get(`${dest}/${body.in_reply_to}`) ?? new Map();
      for (const [key, offset] of Object.entries(body.offsets as Record<string, number>)) {
        const before = floor.get(`${src}/${key}`) ?? -1;
        if (offset < before) lowered.push(`${key} at ${src}: ${before}, then ${offset}`);
        raise(highest, `${src}/${key}`, offset);
      }
    }
  }
  return lowered;
}

function raise(highest: Map<string, number>, name: string, offset: number): void {
  highest.set(name, Math.max(offset, highest.get(name) ?? -1));
}
