/**
 * Claims: a worker that finds a failure creates a key for it, and the one that succeeds shrinks the
 * failure's case. The key keeps the shrunk case, for the starter and for later jobs of the same code.
 *
 * A claim belongs to the range in which the failure was found, not to the worker. When a worker dies,
 * its range is given to another one, which finds the same failure, takes the claim over, and shrinks
 * the case. The former worker, if it was only frozen, cannot store its case any more: the key has
 * another revision.
 *
 * @module
 */

import { isJsonObject, parseJson, stringifyJson } from "../../lib/base/mod.ts";
import type { KV } from "@nats-io/kv";
import { schema } from "../../lib/wire/mod.ts";
import {
  CaseError,
  type CaseFile,
  decodeCase,
  encodeCase,
  type Failure,
} from "../../lib/workbench/explore/mod.ts";
import { checkSize, claimKey, type JobSpec, MalformedError, MAX_RESULT_BYTES } from "./job.ts";

/** The case that a worker has shrunk. */
export interface ShrunkByWorker {
  readonly seed: number;
  /** The number of runs that shrinking took. */
  readonly runs: number;
  readonly shrunk: CaseFile;
}

/** What a key holds: who shrinks the case, and the case once it is shrunk. */
export interface Claim {
  readonly job: string;
  readonly range: number;
  readonly done?: ShrunkByWorker;
}

const claimSchema = schema.object({
  job: schema.string,
  range: schema.natural,
  seed: schema.optional(schema.natural),
  runs: schema.optional(schema.natural),
  case: schema.optional(schema.json),
});
/** The API error of a key that exists already, or has another revision. */
const WRONG_SEQUENCE = 10_071;

/** The claims of a job. */
export class Claims {
  readonly #bucket: KV;
  readonly #job: string;
  readonly #spec: JobSpec;

  constructor(bucket: KV, job: string, spec: JobSpec) {
    this.#bucket = bucket;
    this.#job = job;
    this.#spec = spec;
  }

  /**
   * Claims a failure for a range. Returns the key's revision, or the claim of another range.
   *
   * @throws {MalformedError} The key's value is not valid.
   */
  async claim(failure: Failure, range: number): Promise<number | Claim> {
    const key = claimKey(this.#spec, failure);
    const own = stringifyJson({ job: this.#job, range });
    const created = await unlessChanged(() => this.#bucket.create(key, own));
    if (created !== undefined) return created;
    const entry = await this.#bucket.get(key);
    if (entry === null) throw new MalformedError("its key was deleted");
    const claim = decodeClaim(entry.value, this.#spec);
    if (claim.done !== undefined || claim.job !== this.#job || claim.range !== range) return claim;
    return await unlessChanged(() => this.#bucket.update(key, own, entry.revision)) ?? claim;
  }

  /**
   * Stores the shrunk case; returns whether the claim was still the one with this revision.
   *
   * @throws {MalformedError} The case is too large for a key.
   */
  async store(
    failure: Failure,
    range: number,
    revision: number,
    { seed, runs, shrunk }: ShrunkByWorker,
  ): Promise<boolean> {
    const file = parseJson(encodeCase(shrunk));
    const value = stringifyJson({ job: this.#job, range, seed, runs, case: file });
    const bytes = new TextEncoder().encode(value);
    checkSize(bytes, MAX_RESULT_BYTES);
    const key = claimKey(this.#spec, failure);
    const stored = await unlessChanged(() => this.#bucket.update(key, bytes, revision));
    return stored !== undefined;
  }

  /**
   * Reads the claim of a failure; undefined without one.
   *
   * @throws {MalformedError} The key's value is not valid, or its case runs another program.
   */
  async read(failure: Failure): Promise<Claim | undefined> {
    const entry = await this.#bucket.get(claimKey(this.#spec, failure));
    return entry === null ? undefined : decodeClaim(entry.value, this.#spec);
  }
}

function decodeClaim(bytes: Uint8Array, { setup }: JobSpec): Claim {
  checkSize(bytes, MAX_RESULT_BYTES);
  let value: unknown;
  try {
    value = parseJson(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new MalformedError(`it is not valid JSON: ${(error as Error).message}`);
  }
  const problem = claimSchema.problem(value, "the claim");
  if (problem !== undefined || !isJsonObject(value)) throw new MalformedError(problem ?? "");
  const { job, range, seed, runs, case: file } = value as {
    readonly job: string;
    readonly range: number;
    readonly seed?: number;
    readonly runs?: number;
    readonly case?: unknown;
  };
  if (file === undefined || seed === undefined || runs === undefined) return { job, range };
  try {
    const shrunk = decodeCase(stringifyJson(file));
    const { bin, args, workloadModule } = shrunk.case;
    const ran = [workloadModule ?? shrunk.case.options.workload, bin, args];
    const expected = [setup.workload, setup.bin, setup.args];
    if (stringifyJson(ran) !== stringifyJson(expected)) {
      throw new MalformedError(`its case runs ${stringifyJson(ran)}`);
    }
    return { job, range, done: { seed, runs, shrunk } };
  } catch (error) {
    if (error instanceof CaseError) throw new MalformedError(error.message);
    throw error;
  }
}

/** Returns undefined when the key has been written meanwhile. */
async function unlessChanged(write: () => Promise<number>): Promise<number | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === WRONG_SEQUENCE) {
      return undefined;
    }
    throw error;
  }
}
