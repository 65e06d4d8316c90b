/**
 * The bytes under a node's storage: a file of the operating system, or a simulated one.
 *
 * @module
 */

/**
 * One file that grows, with the guarantees that an operating system gives for it. All methods throw
 * or reject with an error that names the file.
 */
export interface Disk {
  /** The file's name, for error messages. */
  readonly name: string;
  /** Resolves to all bytes; none if the file does not exist. */
  read(): Promise<Uint8Array>;
  /**
   * Hands bytes to the operating system, which appends them. They survive the end of the process,
   * and after a {@link Disk.sync} also a loss of power. The caller may reuse `bytes` afterwards.
   */
  write(bytes: Uint8Array): void;
  /** Resolves when all bytes written before the call are durable. */
  sync(): Promise<void>;
  /** Cuts the file; resolves when that is durable. */
  truncate(length: number): Promise<void>;
  /** Replaces all bytes atomically; resolves when that is durable. */
  replace(bytes: Uint8Array): Promise<void>;
}
