/**
 * Raft: a replicated state machine.
 *
 * @module
 */

export { raftFlags, raftOnNode } from "./server/on_node.ts";
export type { StateMachine } from "./server/state_machine.ts";
