/**
 * The disk of a node under a test's control.
 *
 * @module
 */

import type { Storage } from "../node/mod.ts";
import { LogStorage } from "../node/storage/mod.ts";
import { SimulatedDisk } from "../workbench/sim/simulated_disk.ts";
import type { FakeHost } from "./fake_host.ts";

/**
 * The disk of a `FakeNode`. Operations complete without time passing, unless {@link latencyMs} is
 * set.
 *
 * @example A node that acknowledges a write before it is durable
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { FakeNode } from "@gossip/workbench/testing";
 * import { type Node, withFlags } from "@gossip/workbench/node";
 *
 * const hasty = withFlags({ flags: {}, persists: true }, async (node: Node) => {
 *   const { records } = await node.storage.recover();
 *   let count = records.length;
 *   node.on("count", () => ({ type: "count_ok", count }));
 *   node.on("add", () => {
 *     count++;
 *     node.storage.append(new Uint8Array(1)); // must wait for node.storage.sync()
 *     return { type: "add_ok" };
 *   });
 * });
 * const node = await FakeNode.start(hasty);
 * await node.ask({ type: "add" });
 * node.disk.crash();
 * const restarted = await FakeNode.start(hasty, { disk: node.disk });
 * deepEqual(await restarted.ask({ type: "count" }), { type: "count_ok", count: 0 });
 * ```
 */
export class FakeDisk {
  /** The duration of each operation in milliseconds: 0 by default. */
  latencyMs = 0;
  readonly #disk: SimulatedDisk;
  #isReplaced = false;

  /** Creates an empty disk. */
  constructor() {
    this.#disk = new SimulatedDisk({
      latencyMs: () => this.latencyMs,
      isReplaced: () => this.#isReplaced,
    });
  }

  /** All bytes that the node has written. */
  get bytes(): Uint8Array {
    return this.#disk.bytes;
  }

  /** The number of bytes that survive {@link FakeDisk.crash}. */
  get durableBytes(): number {
    return this.#disk.durableBytes;
  }

  /**
   * Cuts the power of the node's machine: the node has no further effect on the disk, which loses
   * what is not durable. `survivingBytes` of it survive, 0 by default; a part of a record is torn.
   * `isReplaced` decides whether a replacement in progress has happened, false by default.
   */
  crash(options: { readonly survivingBytes?: number; readonly isReplaced?: boolean } = {}): void {
    const { survivingBytes = 0, isReplaced = false } = options;
    this.#isReplaced = isReplaced;
    this.#disk.losePower((unsynced) => Math.min(survivingBytes, unsynced.length));
  }

  /** Damages a byte of the file. */
  flipByte(offset: number): void {
    this.#disk.flipByte(offset);
  }

  /** Opens the disk for a new incarnation of its node. */
  openStorage(host: FakeHost): Storage {
    const disk = this.#disk.open({
      isRunning: () => true,
      now: () => host.elapsedMs,
      after: (delayMs, fn) => {
        if (delayMs === 0) queueMicrotask(fn);
        else host.startTimer(delayMs, fn);
      },
      resume: (fn) => fn(),
    });
    return new LogStorage(disk, host);
  }
}
