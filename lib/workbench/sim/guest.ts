/**
 * What runs inside a simulated node: a guest, and the node as its guest sees it.
 *
 * A node function is one kind of guest. The simulated node itself, with its start, pauses, timers
 * and output, is the same for all kinds.
 *
 * @module
 */

import type { Disk } from "../../node/storage/mod.ts";
import type { RawMessage } from "../../wire/mod.ts";
import type { RunningNode } from "./current_node.ts";
import type { OpenFiles } from "./files/open_files.ts";

/** The code of one incarnation of a node. */
export interface Guest {
  /** The state that the code exposes; undefined if it exposes none. */
  readonly state?: unknown;
  /** Handles a message. The message belongs to the network and must not be modified. */
  receive(message: RawMessage): void;
  /** Frees what the guest holds, after the node has ended. */
  release?(): void;
}

/** A simulated node, as the code sees it that runs its guest. */
export interface GuestNode extends RunningNode {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Sends a copy of a message. */
  transmit(message: unknown): void;
  /** Reports that the guest reached a rare path. */
  sometimes(text: string): void;
  /** Opens the disk of the node's machine. */
  openDisk(): Disk;
  /** Opens the folder of the node's machine for a process that has no file open. */
  openFolder(): OpenFiles;
}

/** Starts a guest in a node. An exception ends the node with the exit code of a failed start. */
export type Boot = (node: GuestNode) => Guest;

/** Loads a program for one incarnation of a node, which may take until a later event. */
export type LoadGuest = () => Boot | Promise<Boot>;
