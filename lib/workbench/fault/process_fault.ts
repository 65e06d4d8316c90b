/**
 * Faults of processes: `kill` ends them without warning and starts them again, `pause` stops them
 * for a while.
 *
 * @module
 */

import { defineFault, type Fault } from "./fault.ts";
import { generateTargets, restrictTargets, targets } from "./targets.ts";

/** What the fault `kill` does first, as reports call it. */
export const PROCESS_KILLED = "a process was killed";

/**
 * The fault `kill`: the processes of some nodes are gone with their memory. When it stops they are
 * started again and initialised. What a node kept on disk is still there.
 */
export function kill(): Fault {
  const RESTARTED = "a process was restarted";
  const killed = new Set<string>();
  return defineFault({
    name: "kill",
    summary: "processes are gone with their memory, and start again later",
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
    async stop({ processes, onFaultEffect }) {
      const nodes = [...killed];
      killed.clear();
      await Promise.all(nodes.map(async (node) => {
        await processes.restart(node);
        onFaultEffect?.("kill", RESTARTED, node);
      }));
      return Object.fromEntries(nodes.map((node) => [node, "started"]));
    },
  });
}

/** The fault `pause`: the processes of some nodes stand still (SIGSTOP) and then go on (SIGCONT). */
export function pause(): Fault {
  const PAUSED = "a process stood still";
  const paused = new Set<string>();
  return defineFault({
    name: "pause",
    summary: "processes stand still for a while",
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
    stop({ processes }) {
      const nodes = [...paused];
      paused.clear();
      for (const node of nodes) processes.resume(node);
      return Object.fromEntries(nodes.map((node) => [node, "resumed"]));
    },
  });
}
