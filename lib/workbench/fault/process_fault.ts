/**
 * Faults of processes: `kill` ends them and restarts them later, `pause` suspends them.
 *
 * @module
 */

import { defineFault, type Fault } from "./fault.ts";
import { generateTargets, restrictTargets, type Targets, targets } from "./targets.ts";

/** The first effect of the fault `kill`. */
export const PROCESS_KILLED = "a process was killed";

/**
 * The fault `kill`: the processes of some nodes are killed and lose their memory. When the fault
 * stops for a node, the node is restarted and initialised. Data on disk survives.
 */
export function kill(): Fault {
  const RESTARTED = "a process was restarted";
  const killed = new Set<string>();
  return defineFault({
    name: "kill",
    summary: "processes are killed, lose their memory, and restart later",
    effects: [PROCESS_KILLED, RESTARTED],
    plan: targets,
    generate: generateTargets,
    restrict: restrictTargets,
    async start({ processes, onFaultEffect }, { nodes }) {
      await Promise.all(
        nodes.filter((node) => !killed.has(node)).map((node) => {
          killed.add(node);
          onFaultEffect?.("kill", PROCESS_KILLED, node);
          return processes.kill(node);
        }),
      );
      return Object.fromEntries(nodes.map((node) => [node, "killed"]));
    },
    stopsInPart: true,
    async stop({ processes, onFaultEffect }, plan) {
      const nodes = takeFrom(killed, plan);
      await Promise.all(nodes.map(async (node) => {
        await processes.restart(node);
        onFaultEffect?.("kill", RESTARTED, node);
      }));
      return Object.fromEntries(nodes.map((node) => [node, "started"]));
    },
  });
}

/** The fault `pause`: the processes of some nodes are paused (SIGSTOP) and resumed (SIGCONT). */
export function pause(): Fault {
  const PAUSED = "a process was paused";
  const paused = new Set<string>();
  return defineFault({
    name: "pause",
    summary: "processes are paused and resumed later",
    effects: [PAUSED],
    plan: targets,
    generate: generateTargets,
    restrict: restrictTargets,
    start({ processes, onFaultEffect }, { nodes }) {
      for (const node of nodes) {
        paused.add(node);
        processes.pause(node);
        onFaultEffect?.("pause", PAUSED, node);
      }
      return Object.fromEntries(nodes.map((node) => [node, "paused"]));
    },
    stopsInPart: true,
    stop({ processes }, plan) {
      const nodes = takeFrom(paused, plan);
      for (const node of nodes) processes.resume(node);
      return Object.fromEntries(nodes.map((node) => [node, "resumed"]));
    },
  });
}

/** Removes the plan's nodes from a set of affected nodes, all without a plan; returns them. */
export function takeFrom(affected: Set<string>, plan: Targets | null): string[] {
  const nodes = [...affected].filter((node) => plan === null || plan.nodes.includes(node));
  for (const node of nodes) affected.delete(node);
  return nodes;
}
