/**
 * Traps for randomness. A node's code draws from the node's own random source.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { RunningNode } from "../current_node.ts";
import { serve, serveConstruction, serveQuietly, type Trap } from "./trap.ts";

/** A page has no `Buffer`. */
const hasBuffer = typeof Buffer === "function";

/** Returns the traps for `Math.random`, the random part of `crypto`, and garbage collection. */
export function randomnessTraps(): Trap[] {
  return [
    ...serve(Math, "random", "Math.random()", (node) => node.random()),
    ...serve(
      crypto,
      "getRandomValues",
      "crypto.getRandomValues()",
      (node, [array]) => fillWithRandomBytes(array as ArrayBufferView, node),
    ),
    ...serve(crypto, "randomUUID", "crypto.randomUUID()", randomUuid),
    // Memory that is not initialised holds what was in it before.
    ...(hasBuffer ? ["allocUnsafe", "allocUnsafeSlow"] : []).flatMap((key) =>
      serveQuietly(Buffer, key, (_node, [size]) => Buffer.alloc(size as number))
    ),
    ...garbageCollectionTraps(),
  ];
}

/**
 * Traps for references that observe when the garbage collector runs. In a node, a weak reference
 * keeps its target, and a finalisation registry never calls back.
 */
function garbageCollectionTraps(): Trap[] {
  return [
    ...serveConstruction(globalThis, "WeakRef", (_node, args, Real) => {
      const [target] = args;
      // The reference must pass `instanceof`, and keeps its target alive by a property of its own.
      return Object.defineProperty(new Real(...args), "deref", { value: () => target });
    }),
    ...serveConstruction(
      globalThis,
      "FinalizationRegistry",
      (_node, _args, Real) => new Real(() => {}),
    ),
  ];
}

/** Fills an array with random bytes of a node, and returns it. */
export function fillWithRandomBytes<T extends ArrayBufferView>(array: T, node: RunningNode): T {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Math.floor(node.random() * 256);
  }
  return array;
}

/** Returns a random UUID (RFC 9562, version 4) from the node's random source. */
export function randomUuid(node: RunningNode): string {
  const bytes = fillWithRandomBytes(new Uint8Array(16), node);
  const [version, variant] = [bytes[6] as number, bytes[8] as number];
  bytes[6] = (version & 0x0f) | 0x40;
  bytes[8] = (variant & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((from, part) => hex.slice(from, [8, 12, 16, 20, 32][part])).join(
    "-",
  );
}
