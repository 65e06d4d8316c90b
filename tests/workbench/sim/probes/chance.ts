/**
 * Probes that reach chance.
 *
 * @module
 */

import type { Probe } from "./probe.ts";

/** Probes that reach chance. */
export const chance: readonly Probe[] = [
  {
    name: "a captured Math.random",
    top: "const dice = Math.random;",
    value: "dice()",
    calls: ["Math.random()"],
  },
  {
    name: "Math.random of a captured Math",
    top: "const M = Math;",
    value: "M.random()",
    calls: ["Math.random()"],
  },
  {
    name: "Math.random at import",
    top: "const salt = Math.random();",
    value: "salt",
    calls: ["Math.random()"],
  },
  {
    name: "a sort in random order",
    value: "[1, 2, 3, 4].sort(() => Math.random() - 0.5).join('')",
    calls: ["Math.random()"],
  },
  {
    name: "a bound crypto.getRandomValues",
    top: "const fill = crypto.getRandomValues.bind(crypto);",
    value: "fill(new Uint16Array(3)).join()",
    calls: ["crypto.getRandomValues()"],
  },
  {
    name: "crypto.randomUUID of the prototype",
    value: "Crypto.prototype.randomUUID.call(crypto)",
    calls: ["crypto.randomUUID()"],
  },
  {
    name: "randomInt of node:crypto",
    top: 'import { randomInt } from "node:crypto";',
    value: "[randomInt(9), randomInt(5, 1e9)].join()",
    calls: ["crypto.randomInt()"],
  },
  {
    name: "randomInt with a callback",
    top: 'import { randomInt } from "node:crypto";',
    value: "await new Promise((done) => randomInt(1e9, (_, n) => done(n)))",
    calls: ["crypto.randomInt()"],
  },
  {
    name: "randomBytes of node:crypto",
    top: 'import * as tools from "node:crypto";',
    value: "tools.randomBytes(6).toString('hex')",
    calls: ["crypto.randomBytes()"],
  },
  {
    name: "randomFillSync of node:crypto",
    top: 'import tools from "node:crypto";',
    value: "tools.randomFillSync(new Uint8Array(6), 2, 3).join()",
    calls: ["crypto.randomFillSync()"],
  },
  {
    name: "randomFill of node:crypto",
    top: 'import { randomFill } from "crypto";',
    value: "await new Promise((done) => randomFill(new Uint8Array(2), (_, a) => done(a.join())))",
    calls: ["crypto.randomFill()"],
  },
  {
    name: "randomUUID of node:crypto",
    top: 'import { randomUUID } from "node:crypto";',
    value: "randomUUID()",
    calls: ["crypto.randomUUID()"],
  },
  {
    name: "webcrypto of node:crypto",
    top: 'import { webcrypto } from "node:crypto";',
    value: "webcrypto.getRandomValues(new Uint8Array(2)).join()",
    calls: ["crypto.getRandomValues()"],
  },
  {
    name: "a key of node:crypto",
    top: 'import { generateKeySync } from "node:crypto";',
    value: "generateKeySync('aes', { length: 128 }).export().toString('hex')",
    calls: ["crypto.generateKeySync()"],
  },
  {
    name: "version 4 of npm:uuid",
    top: 'import { v4 } from "npm:uuid@14.0.3";',
    value: "v4()",
    calls: ["crypto.randomUUID()"],
  },
  {
    name: "version 7 of npm:uuid",
    top: 'import { v7 } from "npm:uuid@14.0.3";',
    value: "v7()",
    calls: ["Date.now()", "crypto.getRandomValues()"],
  },
  {
    name: "a weak reference",
    top: "const weak = new WeakRef({ a: 1 });",
    value: "weak.deref()?.a",
    calls: ["new WeakRef()"],
  },
  {
    name: "a finalisation registry",
    value: "new FinalizationRegistry(() => {}) instanceof FinalizationRegistry",
    calls: ["new FinalizationRegistry()"],
  },
];
