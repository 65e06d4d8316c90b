/**
 * The folder of a run, with its history, journal, logs and results, which is written during the
 * run.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import { plainResults, type Verdict } from "../check/mod.ts";
import {
  encodeOperationEdn,
  encodeOperationJson,
  type History,
  type Operation,
  writeEdn,
} from "../history/mod.ts";
import type { TestOptions } from "../workload/mod.ts";
import type { NemesisEvent } from "./fault/mod.ts";
import { encodeJournalEvent, type JournalEvent } from "./journal.ts";
import { encodeSchedule } from "./schedule_file.ts";

/** The contents of `test.json`, from which a run can be checked again or repeated. */
export interface TestDescription {
  readonly options: TestOptions;
  readonly engine: string;
  readonly bin: string;
  readonly args: readonly string[];
}

/** The folder of one run. */
export class RunFolder {
  /** The path of the folder: `<root>/<workload>/<time>`. */
  readonly path: string;
  readonly #root: string;
  readonly #workload: string;
  readonly #journal: LineFile;
  readonly #logs = new Map<string, LineFile>();
  #isClosed = false;

  /** Makes the folder. `time` becomes its name: an ISO time, or any text that sorts by age. */
  constructor(root: string, workload: string, time: string) {
    this.#root = root;
    this.#workload = workload;
    this.path = makeFolder(`${root}/${workload}/${time.replaceAll(/[:-]/g, "")}`);
    Deno.mkdirSync(`${this.path}/node-logs`);
    this.#journal = new LineFile(`${this.path}/messages.jsonl`);
  }

  /** Writes `test.json`. */
  describe(description: TestDescription): void {
    this.#write("test.json", `${stringifyJson(description, 2)}\n`);
  }

  /** Appends an event to `messages.jsonl`. */
  journal(event: JournalEvent): void {
    this.#journal.write(encodeJournalEvent(event));
  }

  /** Appends a line to `node-logs/<node>.log`. */
  log(node: string, line: string): void {
    let file = this.#logs.get(node);
    if (file === undefined) {
      const path = `${this.path}/node-logs/${node}.log`;
      this.#logs.set(node, file = new LineFile(path, { promptly: true }));
    }
    file.write(line);
  }

  /** Writes `history.jsonl`, `history.edn` and, unless it is empty, `schedule.json`. */
  writeHistory(history: History, schedule: readonly NemesisEvent[]): void {
    this.#writeLines("history.jsonl", history, encodeOperationJson);
    this.#writeLines("history.edn", history, encodeOperationEdn);
    if (schedule.length > 0) {
      this.#write("schedule.json", encodeSchedule(schedule));
    }
  }

  /** Writes `results.json` and `results.edn`. */
  writeResults(results: Verdict): void {
    this.#write("results.json", `${stringifyJson(plainResults(results), 2)}\n`);
    this.#write("results.edn", writeEdn(results));
  }

  /**
   * Closes the files and links `<root>/latest` and `<root>/<workload>/latest` to this run. A second
   * call does nothing.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#journal.close();
    for (const file of this.#logs.values()) file.close();
    const name = this.path.slice(this.path.lastIndexOf("/") + 1);
    replaceLink(`${this.#root}/latest`, `${this.#workload}/${name}`);
    replaceLink(`${this.#root}/${this.#workload}/latest`, name);
  }

  /** Writes line by line, since a history with long reads can exceed the maximum string length. */
  #writeLines(name: string, history: History, encode: (operation: Operation) => string): void {
    const file = new LineFile(`${this.path}/${name}`);
    for (const operation of history) file.write(encode(operation));
    file.close();
  }

  #write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${name}`, text);
  }
}

/** Makes a folder; appends a number to its name if that name is taken. */
function makeFolder(path: string): string {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  for (let attempt = 1;; attempt++) {
    const folder = attempt === 1 ? path : `${path}-${attempt}`;
    try {
      Deno.mkdirSync(folder);
      return folder;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/** Replaces a link atomically, since other runs may end at the same time. */
function replaceLink(link: string, target: string): void {
  const fresh = `${link}.${Deno.pid}`;
  Deno.symlinkSync(target, fresh, { type: "dir" });
  Deno.renameSync(fresh, link);
}

const FLUSH_THRESHOLD_CHARACTERS = 64 * 1024;

/**
 * A file of lines, written in large blocks, or promptly: in a microtask, so that it can be read
 * during the run.
 */
class LineFile {
  readonly #file: Deno.FsFile;
  readonly #promptly: boolean;
  readonly #encoder = new TextEncoder();
  #text = "";
  #closed = false;

  constructor(path: string, options: { readonly promptly?: boolean } = {}) {
    this.#file = Deno.createSync(path);
    this.#promptly = options.promptly ?? false;
  }

  write(line: string): void {
    // A child process of a node may have left its process group, and still write after the node
    // ended.
    if (this.#closed) return;
    if (this.#promptly && this.#text === "") queueMicrotask(() => this.#flush());
    this.#text += `${line}\n`;
    if (this.#text.length >= FLUSH_THRESHOLD_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#closed = true;
    this.#file.close();
  }

  #flush(): void {
    if (this.#text === "") return;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    for (let position = 0; position < bytes.length;) {
      position += this.#file.writeSync(bytes.subarray(position));
    }
  }
}
