/**
 * A node's disk as a file of the operating system.
 *
 * @module
 */

import type { Disk } from "./disk.ts";

/** A file in a folder that exists. One process at a time can open it. */
export class FileDisk implements Disk, Disposable {
  readonly name: string;
  readonly #folder: string;
  /** Locked while this process runs. The log itself is replaced, so it cannot hold the lock. */
  #lock: Deno.FsFile | undefined;
  #file: Deno.FsFile | undefined;

  constructor(folder: string, id: string) {
    this.#folder = folder;
    this.name = `${folder}/${encodeURIComponent(id)}.log`;
  }

  async read(): Promise<Uint8Array> {
    this.#lock = await Deno.open(`${this.name}.lock`, { write: true, create: true });
    if (!await this.#lock.tryLock(true)) {
      throw new Error(`${this.name} is in use: another process has locked ${this.name}.lock`);
    }
    this.#file = await Deno.open(this.name, { read: true, append: true, create: true });
    await syncFolder(this.#folder);
    return await Deno.readFile(this.name);
  }

  write(bytes: Uint8Array): void {
    const file = this.#opened();
    for (let written = 0; written < bytes.length;) {
      written += this.#named(() => file.writeSync(bytes.subarray(written)));
    }
  }

  async sync(): Promise<void> {
    await this.#opened().syncData().catch((error) => this.#fail(error));
  }

  async truncate(length: number): Promise<void> {
    await this.#opened().truncate(length).catch((error) => this.#fail(error));
    await this.sync();
  }

  async replace(bytes: Uint8Array): Promise<void> {
    await this.#replace(bytes).catch((error) => this.#fail(error));
  }

  async #replace(bytes: Uint8Array): Promise<void> {
    const fresh = `${this.name}.new`;
    const options = { write: true, create: true, truncate: true, append: false };
    using file = await Deno.open(fresh, options);
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
    await file.sync();
    await Deno.rename(fresh, this.name);
    await syncFolder(this.#folder);
    const old = this.#opened();
    this.#file = await Deno.open(this.name, { append: true });
    old.close();
  }

  /** Closes the file, so that another process can open it. */
  [Symbol.dispose](): void {
    this.#file?.close();
    // A process that is being started may still share the file, and would hold the lock.
    this.#lock?.unlockSync();
    this.#lock?.close();
    this.#file = this.#lock = undefined;
  }

  #opened(): Deno.FsFile {
    if (this.#file === undefined) throw new Error(`${this.name} is not open; read it first`);
    return this.#file;
  }

  #named<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Errors of an open file do not name it. */
  #fail(error: unknown): never {
    throw new Error(`${this.name}: ${(error as Error).message}`, { cause: error });
  }
}

/** Makes the names of new files in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and makes names durable with their files.
  if (Deno.build.os === "windows") return;
  using opened = await Deno.open(folder);
  await opened.sync();
}
