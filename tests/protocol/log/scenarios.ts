/**
 * Simulated runs of the kafka node, and what is looked at in them.
 *
 * @module
 */

import { Random } from "../../../lib/base/mod.ts";
import type { Operation } from "../../../lib/history/mod.ts";
import { simulate, type Simulation, type SimulationResult } from "../../../lib/workbench/mod.ts";
import { kafka as workload } from "../../../lib/workload/kafka.ts";
import kafka from "../../../nodes/kafka.ts";

/** A run of so many seconds at 60 operations a second on three nodes, unless it says otherwise. */
export function run(
  args: readonly string[],
  seed: number,
  given: Partial<Simulation> = {},
): Promise<SimulationResult> {
  const { options, ...others } = given;
  return simulate({
    program: kafka,
    args,
    workload,
    seed,
    options: {
      nodes: 3,
      concurrency: 6,
      ratePerSecond: 60,
      timeLimitSeconds: 8,
      nemesisIntervalSeconds: 1.5,
      latency: { meanMs: [0, 5, 30][seed % 3] as number, distribution: "exponential" },
      ...options,
    },
    ...others,
  });
}

/** What makes a run invalid, by the names of the checker. */
export function faultsFound({ verdict }: SimulationResult): readonly string[] {
  return verdict["bad-error-types"] as readonly string[];
}

/** Operations that did not succeed, other than crashes of clients. */
export function failures({ record }: SimulationResult): Operation[] {
  return record.history.filter(({ type, f, process }) =>
    type !== "invoke" && type !== "ok" && f !== "crash" && process !== "nemesis"
  );
}

/** The node that an operation's client asks. */
export function nodeOf({ options }: SimulationResult, { process }: Operation): string {
  const worker = Number(process) % options.concurrency;
  return options.nodes[worker % options.nodes.length] as string;
}

/** Server messages per operation. */
export function cost({ results }: SimulationResult): number {
  const net = results.net as { readonly servers: { readonly "msgs-per-op": number } };
  return net.servers["msgs-per-op"];
}

/**
 * Commits that went back: a node said that less was committed than it had acknowledged, or said,
 * when it was asked. The checker looks at what one process knows only; this, at what a node has said
 * to any.
 */
export function commitsGoneBack({ journal }: SimulationResult): string[] {
  const found: string[] = [];
  const requests = new Map<string, { readonly offsets?: Record<string, number> }>();
  /** By node and key the highest that it has said, with when. */
  const said = new Map<string, number>();
  /** What it had said when a request came. */
  const floors = new Map<string, ReadonlyMap<string, number>>();
  for (const { type, message } of journal) {
    const { src, dest } = message;
    const body = message.body as Record<string, unknown>;
    if (type === "recv" && body.type === "commit_offsets") {
      requests.set(`${src}/${body.msg_id}`, body as { offsets: Record<string, number> });
    } else if (type === "recv" && body.type === "list_committed_offsets") {
      floors.set(`${src}/${body.msg_id}`, new Map(said));
    } else if (type === "send" && body.type === "commit_offsets_ok") {
      const offsets = requests.get(`${dest}/${body.in_reply_to}`)?.offsets ?? {};
      for (const [key, offset] of Object.entries(offsets)) raise(said, `${src}/${key}`, offset);
    } else if (type === "send" && body.type === "list_committed_offsets_ok") {
      const floor = floors.get(`${dest}/${body.in_reply_to}`) ?? new Map();
      for (const [key, offset] of Object.entries(body.offsets as Record<string, number>)) {
        const before = floor.get(`${src}/${key}`) ?? -1;
        if (offset < before) found.push(`${key} at ${src}: ${before}, then ${offset}`);
        raise(said, `${src}/${key}`, offset);
      }
    }
  }
  return found;
}

function raise(highest: Map<string, number>, name: string, offset: number): void {
  highest.set(name, Math.max(offset, highest.get(name) ?? -1));
}

/** A schedule that again and again kills some nodes, never all, and lets them come back. */
export function killSome(nodes: readonly string[], seconds: number, seed: number) {
  const random = new Random(`kill ${seed}`);
  const schedule = [];
  for (let at = 1000; at < (seconds - 1) * 1000; at += 2500) {
    const victims = random.shuffle(nodes).slice(0, 1 + random.integer(nodes.length - 1)).sort();
    schedule.push({ at, f: "start-kill", value: "some", plan: { nodes: victims } });
    schedule.push({ at: at + 100 + random.integer(1000), f: "stop-kill", value: null, plan: null });
  }
  return schedule;
}
