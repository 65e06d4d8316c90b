/**
 * Raft: a replicated state machine.
 *
 * @module
 */

export { raftDefaults, type RaftFlags, raftFlags, raftOnNode } from "./server/on_node.ts";
export type { StateMachine } from "./server/state_machine.ts";
