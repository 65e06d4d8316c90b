/**
 * Two phases for every workload: safety under faults, then liveness on a healed cluster.
 *
 * A workload that has final operations keeps them. One that has none goes on, once all faults are
 * healed and ten seconds are over, with a few more operations of the kind it had. In either case
 * whoever asks then must be answered: a system that has not recovered is not live, though all it
 * ever said was true.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { Explanation, Verdict } from "../../check/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import {
  type Connection,
  type Generator,
  PENDING,
  type TestOptions,
  type Workload,
} from "../../workload/mod.ts";

/** How many answers each worker waits for in the final phase of a workload that has none of its own. */
const FINAL_ANSWERS = 3;
/** How often it asks at most: some answers may come too late where messages take long. */
const FINAL_REQUESTS = 20;

/** A workload in two phases, for one run. */
export class TwoPhases implements Workload {
  readonly name: string;
  readonly summary: string;
  readonly reusesClients: boolean;
  readonly mayNeverSucceed: readonly string[];
  readonly client: Workload["client"];
  readonly check: Workload["check"];
  readonly #workload: Workload;
  readonly #mostOperations: number;
  #main: Generator | undefined;
  #mainLength: number | undefined;

  /** `mostOperations` bounds the main phase. */
  constructor(workload: Workload, mostOperations = Infinity) {
    this.name = workload.name;
    this.summary = workload.summary;
    this.reusesClients = workload.reusesClients ?? false;
    this.mayNeverSucceed = workload.mayNeverSucceed ?? [];
    this.client = (connection, options) => workload.client(connection, options);
    this.check = (history, context) => workload.check(history, context);
    this.#workload = workload;
    this.#mostOperations = mostOperations;
  }

  problem(options: TestOptions): string | undefined {
    return this.#workload.problem?.(options);
  }

  async setUp(connections: readonly Connection[], options: TestOptions): Promise<void> {
    await this.#workload.setUp?.(connections, options);
  }

  generator(options: TestOptions, random: Random): Generator {
    this.#main = this.#workload.generator(options, random);
    return atMost(this.#mostOperations, this.#main);
  }

  finalGenerator(options: TestOptions, random: Random, main: History): Generator {
    this.#mainLength = main.length;
    const own = this.#workload.finalGenerator?.(options, random, main);
    if (own !== undefined) return own;
    // The same generator goes on, so that values stay unique where they have to be.
    const generator = this.#main ?? this.#workload.generator(options, random);
    return untilAnswered(generator);
  }

  /** Invalid when a worker asked in the final phase and was never answered. */
  checkLiveness(history: History, { concurrency, nodes }: TestOptions): Verdict {
    if (this.#mainLength === undefined) return { "valid?": "unknown" };
    const last = new Map<number, { asked: number; answered: number }>();
    for (const operation of history.slice(this.#mainLength)) {
      if (!isClientOperation(operation) || this.mayNeverSucceed.includes(operation.f)) continue;
      const worker = operation.process as number % concurrency;
      const counts = last.get(worker) ?? { asked: 0, answered: 0 };
      last.set(worker, counts);
      if (operation.type === "invoke") counts.asked++;
      else if (isAnswer(operation)) counts.answered++;
    }
    const dead = [...last].filter(([, { asked, answered }]) => asked > 0 && answered === 0);
    const explanations = dead.map(([worker, { asked }]): Explanation => {
      const node = nodes[worker % nodes.length] as string;
      return {
        type: "not-live",
        message: `Ten seconds after all faults were healed, node ${node} answered none of the ` +
          `${asked} last requests of worker ${worker}.`,
        node,
      };
    });
    return explanations.length === 0 ? { "valid?": true } : { "valid?": false, explanations };
  }
}

/** Errors that say that a node is there but not (yet) able to do its work. */
const NO_ANSWERS: ReadonlySet<unknown> = new Set([
  "net-timeout",
  "timeout",
  "temporarily-unavailable",
  "crash",
]);

/** Whether the completion is an answer, be it a refusal. */
function isAnswer({ type, error, exception }: Operation): boolean {
  if (type === "ok") return true;
  if (exception !== undefined || error === undefined) return false;
  return !NO_ANSWERS.has(Array.isArray(error) ? error[0] : error);
}

/** What the generator makes, but so many operations only. */
function atMost(most: number, generator: Generator): Generator {
  let made = 0;
  return {
    next(context) {
      if (made >= most) return undefined;
      const next = generator.next(context);
      if (next !== undefined && "worker" in next) made++;
      return next;
    },
    update: (operation, worker, context) => generator.update?.(operation, worker, context),
  };
}

/** What the generator makes, for each worker until it had its answers or has asked often enough. */
function untilAnswered(generator: Generator): Generator {
  const asked = new Map<number, number>();
  const answered = new Map<number, number>();
  const raise = (counts: Map<number, number>, worker: number) =>
    counts.set(worker, (counts.get(worker) ?? 0) + 1);
  const isDone = (worker: number) =>
    (answered.get(worker) ?? 0) >= FINAL_ANSWERS || (asked.get(worker) ?? 0) >= FINAL_REQUESTS;
  return {
    next(context) {
      const free = context.free.filter((worker) => !isDone(worker));
      if (free.length === 0) {
        return context.free.length < context.concurrency ? PENDING : undefined;
      }
      const next = generator.next({ ...context, free });
      if (next === undefined || "pending" in next) return next;
      raise(asked, next.worker);
      return { ...next, invocation: { ...next.invocation, final: true } };
    },
    update(operation, worker, context) {
      generator.update?.(operation, worker, context);
      if (operation.type !== "invoke" && isAnswer(operation)) raise(answered, worker);
    },
  };
}
