/**
 * The folders in which node processes start, one for each node. What a node keeps there survives its
 * end, in the subfolder `storage` for programs of the node library.
 *
 * @module
 */

const STORAGE = "storage";

/** The folders of the nodes of one run. */
export class DiskFolders {
  readonly #given: (() => string) | undefined;
  readonly #folders = new Set<string>();
  #root: string | undefined;

  /**
   * `root` is called when the first node starts, and returns the folder for the folders of all nodes,
   * which stays after the run. Without `root` they are in a temporary folder, which is removed.
   */
  constructor(root?: () => string) {
    this.#given = root;
  }

  /** Makes a node's folder, unless the node has it already; returns its path. */
  make(id: string): string {
    this.#root ??= this.#given?.() ?? Deno.makeTempDirSync({ prefix: "disks-" });
    const folder = `${this.#root}/${id}`;
    Deno.mkdirSync(`${folder}/${STORAGE}`, { recursive: true });
    this.#folders.add(folder);
    return folder;
  }

  /** Removes the folders in which nodes have left nothing, or all if they are temporary. */
  close(): void {
    if (this.#root === undefined) return;
    if (this.#given === undefined) return Deno.removeSync(this.#root, { recursive: true });
    for (const folder of this.#folders) {
      removeIfEmpty(`${folder}/${STORAGE}`);
      removeIfEmpty(folder);
    }
    removeIfEmpty(this.#root);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    // Without `recursive`, only an empty folder can be removed.
    Deno.removeSync(folder);
  } catch {
    // The node has left something there, or removed the folder itself.
  }
}
