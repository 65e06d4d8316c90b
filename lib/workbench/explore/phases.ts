/**
 * Two phases for every workload: safety under faults, then liveness on a healed cluster.
 *
 * The final phase starts after a quiescence, for which all faults are healed except those that
 * persist. A workload with final operations keeps them. Any other workload generates a few more of
 * its main operations. In the final phase, every client must receive a reply: a system that does not
 * recover is not live, even if all its replies were correct. And the nodes must agree on the state.
 *
 * @module
 */

import { invariant, type Random } from "../../base/mod.ts";
import type { Explanation, Verdict } from "../../check/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import {
  type Connection,
  type FinalState,
  type Generator,
  type GeneratorContext,
  oncePerWorker,
  PENDING,
  type TestOptions,
  type Workload,
} from "../../workload/mod.ts";
import { PERSISTENT_FAULT_NAMES } from "../fault/mod.ts";
import { quiescenceMsUnder } from "../quiescence.ts";
import { type AgreementVerdict, checkAgreement } from "./agreement.ts";
import { withClientLoad } from "./client_load.ts";
import type { TestCase } from "./test_case.ts";

/** The number of replies that end the final phase of a worker, unless its workload defines one. */
const FINAL_REPLIES_PER_WORKER = 3;
/** The limit on requests per worker in that phase: with high latency, some requests time out. */
const MAX_FINAL_REQUESTS_PER_WORKER = 20;

/** What a case says about its phases. */
export type PhaseSettings = Pick<
  TestCase,
  | "mostOperations"
  | "operations"
  | "finalWorkers"
  | "clients"
  | "agreement"
  | "schedule"
  | "toleratesLoss"
>;

/** A workload with two phases, for a single run. */
export class TwoPhases implements Workload {
  readonly name: string;
  readonly summary: string;
  readonly reusesClients: boolean;
  readonly mayNeverSucceed: readonly string[];
  readonly client: Workload["client"];
  readonly check: Workload["check"];
  readonly stateReads: Workload["reads"];
  readonly #workload: Workload;
  readonly #settings: PhaseSettings;
  #finalState: FinalState | undefined;
  #main: Generator | undefined;
  #mainLength: number | undefined;
  /** The nemesis records each fault event twice, when it begins and when it ends. */
  #nemesisRecords = 0;

  /** Wraps a workload. */
  constructor(workload: Workload, settings: PhaseSettings) {
    this.name = workload.name;
    this.summary = workload.summary;
    this.reusesClients = workload.reusesClients ?? false;
    this.mayNeverSucceed = workload.mayNeverSucceed ?? [];
    this.client = (connection, options) => workload.client(connection, options);
    this.check = (history, context) => workload.check(history, context);
    this.stateReads = workload.reads;
    this.#workload = workload;
    this.#settings = settings;
  }

  problem(options: TestOptions): string | undefined {
    return this.#workload.problem?.(options);
  }

  async setUp(connections: readonly Connection[], options: TestOptions): Promise<void> {
    await this.#workload.setUp?.(connections, options);
  }

  /** Notes an operation of the run. */
  observe(operation: Operation): void {
    if (!isClientOperation(operation)) this.#nemesisRecords++;
  }

  /** Whether the events of the schedule until a time have occurred, in milliseconds since it began. */
  #haveOccurred(untilMs: number): boolean {
    // The schedule is in the order of time.
    const next = this.#settings.schedule[Math.floor(this.#nemesisRecords / 2)];
    return next === undefined || next.at > untilMs;
  }

  generator(options: TestOptions, random: Random): Generator {
    const { mostOperations = Infinity, operations, clients } = this.#settings;
    const { stateReads: reads } = this;
    const main = this.#main = this.#workload.generator(options, random);
    const loaded = clients === undefined ? main : withClientLoad(
      main,
      clients,
      reads,
      options.nodes,
      random.fork("clients"),
      (untilMs) => this.#haveOccurred(untilMs),
    );
    return limited(mostOperations, only(operations, loaded));
  }

  finalGenerator(options: TestOptions, random: Random, main: History): Generator {
    this.#mainLength = main.length;
    const { reads } = this.#workload;
    const isAgreementExpected = reads?.isAgreementOptional !== true || this.#settings.agreement;
    if (isAgreementExpected === true) this.#finalState = reads?.finalState?.(main);
    const first = this.#finalState?.first;
    const final = this.#workload.finalGenerator?.(options, random, main) ??
      // Continuing the main generator keeps values unique where the workload requires it.
      untilReplies(this.#main ?? this.#workload.generator(options, random));
    // Nodes may differ in the first reads, which can complete a write whose outcome is unknown.
    const whole = first === undefined
      ? final
      : inTurn(oncePerWorker(() => first), inTurn(oncePerWorker(() => first), final));
    return forWorkers(this.#settings.finalWorkers, whole);
  }

  /** Returns an invalid verdict if the nodes do not agree in the final phase. */
  checkAgreement(history: History, { concurrency, nodes }: TestOptions): AgreementVerdict {
    if (this.#mainLength === undefined || this.#finalState === undefined) {
      return { "valid?": true };
    }
    const { mayNeverSucceed } = this;
    const final = history.slice(this.#mainLength);
    const { leastValues, ...state } = this.#finalState;
    const least = leastValues === undefined || this.#settings.toleratesLoss ? {} : { leastValues };
    return checkAgreement(final, { ...state, ...least }, { concurrency, nodes, mayNeverSucceed });
  }

  /** Returns an invalid verdict if a worker sent final requests and received no reply to any. */
  checkLiveness(history: History, options: TestOptions): Verdict {
    const { concurrency, nodes, nemesis } = options;
    if (this.#mainLength === undefined) return { "valid?": "unknown" };
    const timeoutMs = this.#workload.clientTimeoutMs?.(options) ?? Infinity;
    if (longestRequestMs(options) > timeoutMs) return { "valid?": true };
    const workers = new Map<number, { requests: number; replies: number }>();
    for (const operation of history.slice(this.#mainLength)) {
      if (!isClientOperation(operation) || this.mayNeverSucceed.includes(operation.f)) continue;
      const worker = operation.process as number % concurrency;
      const counts = workers.get(worker) ?? { requests: 0, replies: 0 };
      workers.set(worker, counts);
      if (operation.type === "invoke") counts.requests++;
      else if (isReply(operation)) counts.replies++;
      invariant(counts.replies <= counts.requests, "a request has at most one reply");
    }
    const withoutReply = [...workers].filter(([, { requests, replies }]) =>
      requests > 0 && replies === 0
    );
    const explanations = withoutReply.map(([worker, { requests }]): Explanation => {
      const node = nodes[worker % nodes.length] as string;
      return {
        type: "not-live",
        message: `Node ${node} replied to none of the ${requests} final requests of worker ` +
          `${worker}, which began ${quiescenceText(nemesis, nodes.length)}.`,
        node,
      };
    });
    return explanations.length === 0 ? { "valid?": true } : { "valid?": false, explanations };
  }
}

/**
 * Returns how long a request may take that a majority of the nodes must confirm. Under a fault that
 * persists, the working links may form a chain: the request crosses it to reach the leader, messages
 * of the leader cross it both ways, and the reply crosses it again. 0 without such a fault.
 */
function longestRequestMs({ nemesis, nodes, latency }: TestOptions): number {
  const persists = nemesis.some((name) => PERSISTENT_FAULT_NAMES.includes(name));
  return persists ? 4 * (nodes.length - 1) * latency.meanMs : 0;
}

/** Describes the quiescence before the final phase of a run with these faults. */
function quiescenceText(faults: readonly string[], nodeCount: number): string {
  const persisting = faults.filter((name) => PERSISTENT_FAULT_NAMES.includes(name));
  const healed = ["all faults", ...persisting].join(" but ");
  return `${quiescenceMsUnder(persisting, nodeCount) / 1000} seconds after ${healed} were healed`;
}

/** Errors that mean that a node did not serve the request; any other error counts as a reply. */
const UNAVAILABLE_ERRORS: ReadonlySet<unknown> = new Set([
  "net-timeout",
  "timeout",
  "temporarily-unavailable",
  "crash",
]);

/** Whether a completion shows that the node served the request, even by rejecting it. */
function isReply({ type, error, exception }: Operation): boolean {
  if (type === "ok") return true;
  if (exception !== undefined || error === undefined) return false;
  return !UNAVAILABLE_ERRORS.has(Array.isArray(error) ? error[0] : error);
}

/** Limits a generator to `max` operations. */
function limited(max: number, generator: Generator): Generator {
  let generated = 0;
  return {
    next(context) {
      if (generated >= max) return undefined;
      const next = generator.next(context);
      if (next !== undefined && "worker" in next) generated++;
      return next;
    },
    update: (operation, worker, context) => generator.update?.(operation, worker, context),
  };
}

/** Leaves out the operations of a generator whose numbers are not listed. */
function only(numbers: readonly number[] | undefined, generator: Generator): Generator {
  if (numbers === undefined) return generator;
  const kept = new Set(numbers);
  const end = Math.max(-1, ...numbers) + 1;
  let generated = 0;
  return {
    next(context) {
      while (generated < end) {
        const next = generator.next(context);
        if (next === undefined || "pending" in next || kept.has(generated++)) return next;
      }
      return undefined;
    },
    update: (operation, worker, context) => generator.update?.(operation, worker, context),
  };
}

/** Gives the operations of a generator to some workers only. */
function forWorkers(workers: readonly number[] | undefined, generator: Generator): Generator {
  if (workers === undefined) return generator;
  const restrict = (context: GeneratorContext) => ({
    ...context,
    free: context.free.filter((worker) => workers.includes(worker)),
    concurrency: workers.length,
  });
  return {
    next: (context) => generator.next(restrict(context)),
    update: (operation, worker, context) =>
      generator.update?.(operation, worker, restrict(context)),
  };
}

/** Runs a generator, and another one when all operations of the first have completed. */
function inTurn(first: Generator, second: Generator): Generator {
  let current = first;
  return {
    next(context) {
      if (current === second) return second.next(context);
      const next = first.next(context);
      if (next !== undefined) return next;
      if (context.free.length < context.concurrency) return PENDING;
      current = second;
      return second.next(context);
    },
    update: (operation, worker, context) => current.update?.(operation, worker, context),
  };
}

/** Runs a generator for each worker until the worker has enough replies or requests. */
function untilReplies(generator: Generator): Generator {
  const requests = new Map<number, number>();
  const replies = new Map<number, number>();
  const increment = (counts: Map<number, number>, worker: number) =>
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  const isDone = (worker: number) =>
    (replies.get(worker) ?? 0) >= FINAL_REPLIES_PER_WORKER ||
    (requests.get(worker) ?? 0) >= MAX_FINAL_REQUESTS_PER_WORKER;
  return {
    next(context) {
      const free = context.free.filter((worker) => !isDone(worker));
      if (free.length === 0) {
        return context.free.length < context.concurrency ? PENDING : undefined;
      }
      const next = generator.next({ ...context, free });
      if (next === undefined || "pending" in next) return next;
      increment(requests, next.worker);
      return { ...next, invocation: { ...next.invocation, final: true } };
    },
    update(operation, worker, context) {
      generator.update?.(operation, worker, context);
      if (operation.type !== "invoke" && isReply(operation)) increment(replies, worker);
    },
  };
}
