/**
 * A node's storage on a {@link Disk}.
 *
 * Records go to the operating system at the end of the event that appended them. One fsync at a
 * time is in progress. Calls of `sync` that arrive meanwhile share the next one (group commit). An
 * fsync that fails ends the node: a second fsync may succeed although the disk lacks the data (Rebello
 * et al., "Can Applications Recover from fsync Failures?", ATC 2020).
 *
 * Invariant: a promise of `sync` or `replace` resolves only when all that was recovered, or appended
 * before the call, is durable, or superseded by a durable replacement.
 *
 * @module
 */

import type { Host } from "../host.ts";
import type { Disk } from "./disk.ts";
import {
  type DecodedLog,
  decodeLog,
  encodeFrame,
  encodeLog,
  HEADER_BYTES,
  MAGIC,
  MAX_RECORD_BYTES,
} from "./log_format.ts";
import { CorruptStorageError, type Recovered, type Storage } from "./storage.ts";

/** The mark of a recovery that cut an incomplete record, see {@link Host.sometimes}. */
export const TORN_RECORD_CUT = "an incomplete record at the end of the disk was cut";

const MIN_BUFFER_BYTES = 4096;

/** A replacement of the whole file, and the calls that wait until it is durable. */
interface Replacement {
  readonly bytes: Uint8Array;
  readonly waiting: (() => void)[];
}

/** The {@link Storage} of one incarnation of a node. */
export class LogStorage implements Storage {
  readonly #disk: Disk;
  readonly #host: Pick<Host, "sometimes" | "fail">;
  #state: "new" | "recovering" | "ready" = "new";
  /** Frames that the operating system does not have yet. */
  #buffer = new Uint8Array(MIN_BUFFER_BYTES);
  #bufferedBytes = 0;
  /** Whether the operating system has bytes that no fsync has covered. */
  #isDirty = false;
  #flushIsScheduled = false;
  #replacement: Replacement | undefined;
  /** The calls that wait for the next fsync. */
  #waiting: (() => void)[] = [];
  #isWorking = false;
  #isReplacing = false;

  constructor(disk: Disk, host: Pick<Host, "sometimes" | "fail">) {
    this.#disk = disk;
    this.#host = host;
  }

  async recover(): Promise<Recovered> {
    if (this.#state !== "new") {
      throw new Error("node.storage.recover() may be called only once; keep its result");
    }
    this.#state = "recovering";
    const bytes = await this.#disk.read();
    const { snapshot, records, validBytes } = this.#decode(bytes);
    if (validBytes < bytes.length) {
      await this.#disk.truncate(validBytes);
      this.#host.sometimes(TORN_RECORD_CUT);
    }
    // A killed incarnation may have written records that no fsync has covered.
    this.#isDirty = validBytes > 0;
    if (validBytes === 0) this.#push(MAGIC.length, (target, offset) => target.set(MAGIC, offset));
    this.#state = "ready";
    return { snapshot, records };
  }

  append(record: Uint8Array): void {
    this.#requireRecovered("append");
    requireFits(record);
    this.#push(HEADER_BYTES + record.length, (target, offset) => {
      encodeFrame(target, offset, record);
    });
    if (this.#flushIsScheduled) return;
    this.#flushIsScheduled = true;
    Promise.resolve().then(() => this.#flush()).catch((error) => this.#host.fail(error));
  }

  sync(): Promise<void> {
    this.#requireRecovered("sync");
    const isDurable = this.#bufferedBytes === 0 && !this.#isDirty && !this.#isWorking &&
      this.#replacement === undefined;
    if (isDurable) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#work();
    });
  }

  replace(snapshot: Uint8Array, records: readonly Uint8Array[] = []): Promise<void> {
    this.#requireRecovered("replace");
    for (const record of [snapshot, ...records]) requireFits(record);
    // The replacement supersedes what is not durable yet, also an earlier replacement.
    const waiting = [...this.#replacement?.waiting ?? [], ...this.#waiting];
    this.#waiting = [];
    this.#bufferedBytes = 0;
    return new Promise((resolve) => {
      this.#replacement = { bytes: encodeLog(snapshot, records), waiting: [...waiting, resolve] };
      this.#work();
    });
  }

  #decode(bytes: Uint8Array): DecodedLog {
    const decoded = decodeLog(bytes);
    if (!("problem" in decoded)) return decoded;
    throw new CorruptStorageError(
      `${this.#disk.name} is damaged at byte ${decoded.offset}: ${decoded.problem} does not match ` +
        "its checksum. The node may have acknowledged it, so it does not start. Restore the file " +
        "from a copy, or delete it if the node may lose everything that it has acknowledged.",
    );
  }

  /** Appends bytes to the buffer. */
  #push(length: number, fill: (target: Uint8Array, offset: number) => void): void {
    const end = this.#bufferedBytes + length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#bufferedBytes));
      this.#buffer = larger;
    }
    fill(this.#buffer, this.#bufferedBytes);
    this.#bufferedBytes = end;
  }

  /** Hands the buffer to the operating system; during a replacement, later. */
  #flush(): void {
    this.#flushIsScheduled = false;
    if (this.#bufferedBytes === 0 || this.#isReplacing || this.#replacement !== undefined) return;
    const bytes = this.#buffer.subarray(0, this.#bufferedBytes);
    this.#bufferedBytes = 0;
    this.#isDirty = true;
    this.#disk.write(bytes);
  }

  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#workUntilIdle().catch((error) => this.#host.fail(error));
  }

  async #workUntilIdle(): Promise<void> {
    for (;;) {
      if (this.#replacement !== undefined) await this.#replaceNow(this.#replacement);
      else if (this.#waiting.length > 0) await this.#syncNow();
      else break;
    }
    this.#isWorking = false;
    this.#flush();
  }

  async #syncNow(): Promise<void> {
    this.#flush();
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#isDirty) {
      this.#isDirty = false;
      await this.#disk.sync();
    }
    for (const resolve of waiting) resolve();
  }

  async #replaceNow({ bytes, waiting }: Replacement): Promise<void> {
    this.#replacement = undefined;
    this.#isReplacing = true;
    await this.#disk.replace(bytes);
    this.#isReplacing = false;
    this.#isDirty = false;
    for (const resolve of waiting) resolve();
  }

  #requireRecovered(method: string): void {
    if (this.#state === "ready") return;
    throw new Error(
      `node.storage.${method}() was called before recover() had resolved; await recover() first`,
    );
  }
}

function requireFits({ length }: Uint8Array): void {
  if (length <= MAX_RECORD_BYTES) return;
  throw new RangeError(`a record has at most ${MAX_RECORD_BYTES} bytes, got ${length}`);
}
