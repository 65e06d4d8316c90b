/**
 * Restarts that every protocol with replicas can tolerate, although nodes lose their memory: only
 * nodes are killed that hold nothing which a client has an acknowledgement for and no other node
 * has. An exploration so runs the code for new incarnations of nodes without a disk.
 *
 * - `restart-reader`: some nodes are killed and restarted while their clients only read. Later these
 *   nodes serve writes, too.
 * - `restart-settled`: clients pause, the faults heal, and the nodes have the time to converge that
 *   they also have before the final operations. Then some nodes are killed and restarted, but not
 *   all; in turn, each time after the nodes had that time again.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import { PERSISTENT_FAULT_NAMES } from "../fault/mod.ts";
import { generateSchedule, parseNemesisOp } from "../nemesis.ts";
import { quiescenceMsUnder } from "../quiescence.ts";
import type { ClientLoad } from "./client_load.ts";
import type { TestCase } from "./test_case.ts";

/** The names of these restarts beside those of faults. */
export const RESTART_NAMES = ["restart-reader", "restart-settled"] as const;

/**
 * The name of restarts at any time: some nodes, but not all, are killed, whatever they hold. What
 * clients have an acknowledgement for may then be lost, and nothing else may go wrong: no offset may be
 * assigned twice, for example, and the nodes must agree. It is for protocols that claim so.
 */
export const RESTART_ANY = "restart-any";

/** The events of a case, what its clients refrain from, and its length. */
export type Scenario =
  & Pick<TestCase, "schedule" | "toleratesLoss">
  & { readonly clients: ClientLoad; readonly timeLimitSeconds: number };

/** Clients give up a request after this, so that no operation takes longer. */
const MAX_OPERATION_MS = 5000;
/** Mean times between a kill and a restart, in milliseconds. */
const MEAN_KILL_INTERVALS_MS = [100, 300, 1000, 3000] as const;
/** How long a node is down. */
const DOWN_TIMES_MS = [0, 50, 500, 3000] as const;
/** How long clients pause after the last restart: a node serves requests while it catches up. */
const RESUME_DELAYS_MS = [0, 0, 100, 1000, 10_000] as const;
const RESTART_ROUNDS = [1, 1, 2, 3] as const;

/** Adds kills of nodes whose clients only read meanwhile. There must be two nodes. */
export function withReaderRestarts(
  scenario: Scenario,
  nodes: readonly string[],
  random: Random,
): Scenario {
  const readers = random.shuffle(nodes).slice(0, 1 + random.integer(nodes.length - 1)).sort();
  const untilMs = Math.round(scenario.timeLimitSeconds * 1000 * (0.3 + 0.6 * random.next()));
  const kills = generateSchedule({
    faults: ["kill"],
    nodes: readers,
    intervalMs: random.pick(MEAN_KILL_INTERVALS_MS),
    durationMs: untilMs,
  }, random.fork("kill"));
  const isDown = kills.length % 2 === 1;
  const restart = { at: untilMs, f: "stop-kill", value: null, plan: null };
  return {
    ...scenario,
    schedule: inOrder([...scenario.schedule, ...kills, ...(isDown ? [restart] : [])]),
    clients: { ...scenario.clients, readers: { nodes: readers, untilMs } },
  };
}

/** Inserts a pause with restarts at a random time. There must be two nodes. */
export function withSettledRestarts(
  scenario: Scenario,
  nodes: readonly string[],
  random: Random,
): Scenario {
  const { schedule, timeLimitSeconds } = scenario;
  const fromMs = Math.round(timeLimitSeconds * 1000 * (0.2 + 0.6 * random.next()));
  const before = schedule.filter(({ at }) => at <= fromMs);
  const active = activeFaults(before);
  const healed = active.filter((fault) => !PERSISTENT_FAULT_NAMES.includes(fault));
  const settleMs = quiescenceMsUnder(
    active.filter((fault) => !healed.includes(fault)),
    nodes.length,
  );
  const restarts: NemesisEvent[] = [];
  let at = fromMs + MAX_OPERATION_MS;
  for (let round = random.pick(RESTART_ROUNDS); round > 0; round--) {
    at += settleMs;
    const killed = random.shuffle(nodes).slice(0, 1 + random.integer(nodes.length - 1)).sort();
    restarts.push({ at, f: "start-kill", value: "settled", plan: { nodes: killed } });
    at += random.pick(DOWN_TIMES_MS);
    restarts.push({ at, f: "stop-kill", value: null, plan: null });
  }
  const toMs = at + random.pick(RESUME_DELAYS_MS);
  const stops = healed.map((fault) => ({
    at: fromMs,
    f: `stop-${fault}`,
    value: null,
    plan: null,
  }));
  return {
    timeLimitSeconds: timeLimitSeconds + (toMs - fromMs) / 1000,
    schedule: [
      ...before,
      ...stops,
      ...restarts,
      ...postponed(schedule.slice(before.length), healed, toMs - fromMs),
    ],
    clients: { ...scenario.clients, quiet: { fromMs, toMs } },
  };
}

/** Adds restarts at any time of some nodes, one after the other. There must be two nodes. */
export function withAnyRestarts(
  scenario: Scenario,
  nodes: readonly string[],
  random: Random,
): Scenario {
  const endMs = scenario.timeLimitSeconds * 1000;
  const killed = random.shuffle(nodes).slice(0, 1 + random.integer(nodes.length - 1));
  const times = Array.from(
    { length: random.pick(RESTART_ROUNDS) },
    () => Math.round(endMs * (0.1 + 0.8 * random.next())),
  ).sort((one, other) => one - other);
  const restarts = times.flatMap((at, round): NemesisEvent[] => {
    const restartMs = Math.min(times[round + 1] ?? endMs, at + random.pick(DOWN_TIMES_MS));
    return [
      { at, f: "start-kill", value: "any", plan: { nodes: [random.pick(killed)] } },
      { at: restartMs, f: "stop-kill", value: null, plan: null },
    ];
  });
  return {
    ...scenario,
    schedule: inOrder([...scenario.schedule, ...restarts]),
    toleratesLoss: true,
  };
}

/** Postpones events, without the stops of faults that have stopped. */
function postponed(
  events: readonly NemesisEvent[],
  stopped: readonly string[],
  byMs: number,
): NemesisEvent[] {
  const pending = new Set(stopped);
  return events.flatMap((event) => {
    const op = parseNemesisOp(event.f);
    const isObsolete = op?.starts === false && pending.has(op.fault);
    if (op !== undefined) pending.delete(op.fault);
    return isObsolete ? [] : [{ ...event, at: event.at + byMs }];
  });
}

/** Returns the faults that are active after these events. */
function activeFaults(events: readonly NemesisEvent[]): string[] {
  const active = new Set<string>();
  for (const { f } of events) {
    const op = parseNemesisOp(f);
    if (op?.starts === true) active.add(op.fault);
    else if (op !== undefined) active.delete(op.fault);
  }
  return [...active];
}

/** Whether one of the nodes is never killed: it has all that every node had at some time. */
function isAnyNodeLeft(nodes: readonly string[], schedule: TestCase["schedule"]): boolean {
  const killed = new Set(
    schedule.flatMap(({ f, plan }) =>
      f === "start-kill" ? (plan as { readonly nodes: readonly string[] }).nodes : []
    ),
  );
  return nodes.some((node) => !killed.has(node));
}

function inOrder(events: readonly NemesisEvent[]): NemesisEvent[] {
  return events.toSorted((one, other) => one.at - other.at);
}

/**
 * Returns whether every kill of a case is fair, given what its clients refrain from: it hits nodes
 * whose clients only read, or nodes that have settled. Shrinking must keep this, so that it does not
 * replace a failure by an excusable one.
 *
 * True for a case whose clients refrain from nothing: its kills are meant to hit anything.
 */
export function areRestartsFair(
  { options, schedule, clients = {}, toleratesLoss = false }: TestCase,
): boolean {
  const { readers, quiet } = clients;
  if (toleratesLoss) return isAnyNodeLeft(options.nodes, schedule);
  if (readers === undefined && quiet === undefined) return true;
  const active = new Set<string>();
  let disturbedMs = quiet === undefined ? Infinity : quiet.fromMs + MAX_OPERATION_MS;
  for (const { at, f, plan } of schedule) {
    const op = parseNemesisOp(f);
    if (op === undefined) return false;
    const isReaders = readers !== undefined && at <= readers.untilMs;
    if (op.fault === "kill" && op.starts) {
      const killed = (plan as { readonly nodes: readonly string[] }).nodes;
      const persisting = [...active].filter((fault) => PERSISTENT_FAULT_NAMES.includes(fault));
      // All nodes together hold everything, so one must be left.
      const isSettled = quiet !== undefined && killed.length < options.nodes.length &&
        persisting.length === active.size &&
        at <= quiet.toMs && at - disturbedMs >= quiescenceMsUnder(persisting, options.nodes.length);
      if (!isSettled && !(isReaders && killed.every((node) => readers.nodes.includes(node)))) {
        return false;
      }
    }
    if (op.starts) active.add(op.fault);
    else active.delete(op.fault);
    const isPersistent = PERSISTENT_FAULT_NAMES.includes(op.fault);
    if (quiet !== undefined && !isPersistent) disturbedMs = Math.max(disturbedMs, at);
  }
  return true;
}
