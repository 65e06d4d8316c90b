/**
 * A reference model of the `kafka` workload: logs, and consumers that receive every entry.
 *
 * @module
 */

import type { ReferenceModel } from "./generate_history.ts";
import { KeyWindow } from "./key_window.ts";

const KEYS = 10;
const SENDS_PER_KEY = 16;
/** The number of entries before a new consumer's first position, at most. */
const MAX_BACKLOG_ENTRIES = 1000;

/** Returns a model with sends of messages 1, 2, 3, … to each key, and polls of all keys. */
export function logModel(): ReferenceModel {
  const window = new KeyWindow(KEYS, SENDS_PER_KEY);
  const all: { key: string; entry: [offset: number, message: number] }[] = [];
  const lengths = new Map<string, number>();
  const positions = new Map<number, number>();
  const firstPosition = () => Math.max(0, all.length - MAX_BACKLOG_ENTRIES);
  return {
    request(random) {
      if (random.chance(0.5)) return { f: "poll", value: [["poll"]] };
      const [key, message] = window.pickForWrite(random);
      return { f: "send", value: [["send", String(key), message]] };
    },
    perform({ f, value }, process) {
      if (f === "poll") {
        const polled: Record<string, unknown[]> = {};
        for (let index = positions.get(process) ?? firstPosition(); index < all.length; index++) {
          const { key, entry } = all[index] as typeof all[number];
          (polled[key] ??= []).push(entry);
        }
        positions.set(process, all.length);
        return [["poll", polled]];
      }
      const [[, key, message]] = value as [[string, string, number]];
      const offset = lengths.get(key) ?? 0;
      lengths.set(key, offset + 1);
      all.push({ key, entry: [offset, message] });
      return [["send", key, [offset, message]]];
    },
    final: { f: "poll", value: [["poll"]] },
  };
}
