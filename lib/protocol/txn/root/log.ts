/**
 * The database as a log of writes, kept in lin-kv.
 *
 * The root, one value, determines the whole database. Each commit replaces the root by
 * compare-and-set. The root has three parts:
 *
 * - The segments hold the older writes. Each is a thunk, as Maelstrom's Datomic chapter calls a
 *   value under a key of its own that never changes. It is written before the root that names it.
 * - The latest writes are in the root itself, so that a commit takes one request to the store.
 *   Compaction moves them to a new segment. It also merges neighbouring segments of about the same
 *   length, as a log-structured merge tree does (O'Neil et al. 1996). So n writes take at most
 *   log₂ n thunks, and each write is moved at most log₂ n times.
 * - The last committed batch of each client session, and where it starts in the log. A node that
 *   does not know the outcome of a batch finds it there. So no batch is committed twice, and a
 *   batch's reads can be computed again.
 *
 * Invariant: the log is append-only, so its length identifies a state, which is the same on every
 * node. Every root has a longer log than the root that it replaces. So no two roots are equal.
 *
 * @module
 */

import { invariant, RoundTripEstimator } from "../../../base/mod.ts";
import {
  ErrorCode,
  type Json,
  type Node,
  RpcError,
  type RpcOptions,
  schema,
} from "../../../node/mod.ts";
import { type ApplyWrite, State, type Write } from "../transaction.ts";

/** A part of the log that is kept in a thunk: the thunk's key, and the number of writes. */
export type Segment = [thunk: string, length: number];
/** A session's last committed batch; `start` is the length of the log before its writes. */
export type CommittedBatch = [session: string, sequence: number, start: number];

const { array, json, natural, string, tuple } = schema;
const storedRoot = tuple(
  array<Segment>(tuple(string, natural)),
  json,
  array<CommittedBatch>(tuple(string, natural, natural)),
);

/** A value of the root. */
export class Root {
  static readonly empty = new Root([], [], []);
  /** The number of writes. */
  readonly length: number;

  /** `segments` hold the older writes, oldest first; `log` has the writes after these. */
  constructor(
    readonly segments: Segment[],
    readonly log: readonly Write[],
    readonly sessions: CommittedBatch[],
  ) {
    this.length = lengthOf(segments) + log.length;
  }

  /** Returns the root after these writes, which belong to these batches. */
  append(writes: readonly Write[], batches: readonly CommittedBatch[]): Root {
    const others = this.sessions.filter(([session]) => !batches.some(([name]) => name === session));
    return new Root(this.segments, [...this.log, ...writes], [...others, ...batches]);
  }

  /**
   * Returns the same database with all writes in segments. The last segment is new: its writes must
   * be stored in this thunk before the root.
   */
  compact(thunk: string): Root {
    const segments = [...this.segments];
    let { length } = this.log;
    while ((segments.at(-1)?.[1] ?? Infinity) <= length) length += (segments.pop() as Segment)[1];
    const compacted = new Root([...segments, [thunk, length]], [], this.sessions);
    invariant(compacted.length === this.length, "a compaction keeps every write");
    return compacted;
  }

  /** Returns the root's form in the store: only arrays, which every JSON library keeps in order. */
  toJson(): Json {
    return [this.segments, this.log.flat(), this.sessions];
  }

  /** Parses the root's form in the store. Throws an `RpcError` for any other value. */
  static parse(value: Json): Root {
    const [segments, log, sessions] = validated(storedRoot, value, "the root");
    return new Root(segments, parseWrites(log, "the root's log"), sessions);
  }
}

function lengthOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, [, length]) => sum + length, 0);
}

/** The error of a store that holds no valid database. */
function invalid(text: string): RpcError {
  return new RpcError(ErrorCode.crash, text);
}

function validated<T>(form: schema.Schema<T>, value: Json, name: string): T {
  const problem = form.problem(value, name);
  if (problem !== undefined) throw invalid(problem);
  return value as T;
}

/** Parses `[key, value, key, value, …]`. Throws an `RpcError` for any other value. */
function parseWrites(value: Json, name: string): Write[] {
  const items = validated(array(json), value, name);
  if (items.length % 2 !== 0) throw invalid(`${name} must have a value after each key`);
  return items.flatMap((key, at): Write[] => at % 2 === 0 ? [[key, items[at + 1] as Json]] : []);
}

const ROOT_KEY = "root";
/** A request to a store times out after this. */
const TIMEOUT_MS = 2000;
/** The median of an odd number of samples is one of them. */
const ROUND_TRIP_SAMPLES = 9;
/** A guess before the first reply. A lower one lets forwarded batches time out early. */
const INITIAL_ROUND_TRIP_MS = 100;

/** The options of a {@link Log}. */
export interface LogOptions {
  readonly apply: ApplyWrite;
  /** Starts the names of thunks. No other incarnation of any node has it. */
  readonly incarnation: string;
  /** The number of writes in the root at which compaction starts. */
  readonly compactAfter: number;
}

/**
 * A node's copy of the log, as of the last root that it read or wrote. The node detects a commit of
 * another node only when it reads the root, or fails to replace it.
 */
export class Log {
  readonly #node: Node;
  readonly #options: LogOptions;
  readonly #roundTrips = new RoundTripEstimator({
    window: ROUND_TRIP_SAMPLES,
    initialMs: INITIAL_ROUND_TRIP_MS,
  });
  readonly #state: State;
  #root: Root | undefined;
  #lastThunk = 0;

  constructor(node: Node, options: LogOptions) {
    this.#node = node;
    this.#options = options;
    this.#state = new State(options.apply);
  }

  /** The median round-trip time to the store in milliseconds. */
  get roundTripMs(): number {
    return this.#roundTrips.median as number;
  }

  /** Whether this node has ever read the root. */
  get isLoaded(): boolean {
    return this.#root !== undefined;
  }

  /** The number of writes. */
  get length(): number {
    return this.#state.writes.length;
  }

  /** Returns the last committed batch of a session, as of the last root; number -1 for none. */
  lastOf(session: string): Readonly<CommittedBatch> {
    return this.#root?.sessions.find(([name]) => name === session) ?? [session, -1, 0];
  }

  /** Returns a fork of the state after the first `length` writes, to run transactions on. */
  fork(length = this.length): State {
    if (length === this.length) return this.#state.fork();
    invariant(length < this.length, "an earlier state has a shorter log");
    const earlier = new State(this.#options.apply);
    earlier.append(this.#state.writes.slice(0, length));
    return earlier.fork();
  }

  /**
   * Reads the newest state. Throws an `RpcError` when the store does not reply, or holds no valid
   * database.
   */
  async refresh(): Promise<void> {
    const json = await this.#timed((options) => this.#node.kv.lin.readOr(ROOT_KEY, null, options));
    const root = json === null ? Root.empty : Root.parse(json);
    const text = `the root must have at least the ${this.length} writes read before`;
    if (root.length < this.length) throw invalid(`${text}, got ${root.length}`);
    await this.#load(root);
    this.#setRoot(root);
  }

  /**
   * Appends writes, which belong to these batches, after a {@link Log.refresh}. Throws an `RpcError`
   * 22 (precondition-failed) if another node has committed since the last root, and another one when
   * the outcome is unknown.
   */
  async append(writes: readonly Write[], batches: readonly CommittedBatch[]): Promise<void> {
    const from = this.#root;
    invariant(from !== undefined, "a commit starts from a root that was read");
    const to = (await this.#compacted(from)).append(writes, batches);
    invariant(to.length > from.length, "every root has a longer log than the one it replaces");
    const createIfMissing = from === Root.empty;
    const expected = createIfMissing ? null : from.toJson();
    await this.#timed((options) =>
      this.#node.kv.lin.cas(ROOT_KEY, expected, to.toJson(), { ...options, createIfMissing })
    );
    this.#state.append(writes);
    this.#setRoot(to);
  }

  #setRoot(root: Root): void {
    this.#root = root;
    invariant(this.length === root.length, "the log is that of the last root");
  }

  /** Appends the writes of a newer root, and reads the thunks that it needs for that. */
  async #load(root: Root): Promise<void> {
    let end = 0;
    const missing = root.segments.filter(([, length]) => (end += length) > this.length);
    let start = root.length - root.log.length - lengthOf(missing);
    const thunks = await Promise.all(missing.map((segment) => this.#readThunk(segment)));
    for (const writes of [...thunks, root.log]) {
      this.#state.append(writes.slice(this.length - start));
      start += writes.length;
    }
  }

  /** Moves the writes in the root to a thunk if they are many. */
  async #compacted(root: Root): Promise<Root> {
    if (root.log.length < this.#options.compactAfter) return root;
    const thunk = `${this.#options.incarnation}/${++this.#lastThunk}`;
    const compacted = root.compact(thunk);
    const [, length] = compacted.segments.at(-1) as Segment;
    const writes = this.#state.writes.slice(-length).flat();
    await this.#timed((options) => this.#node.kv.lin.write(thunk, writes, options));
    return compacted;
  }

  async #readThunk([thunk, length]: Segment): Promise<Write[]> {
    const json = await this.#timed((options) => this.#node.kv.lin.read(thunk, options));
    const writes = parseWrites(json, `thunk ${thunk}`);
    if (writes.length === length) return writes;
    const text = `thunk ${thunk} must hold the ${length} writes of its segment`;
    throw invalid(`${text}, got ${writes.length}`);
  }

  /** Calls a store with a timeout, and measures the round trip. */
  async #timed<T>(call: (options: RpcOptions) => Promise<T>): Promise<T> {
    const startMs = this.#node.monotonic();
    const reply = await call({ timeoutMs: TIMEOUT_MS });
    this.#roundTrips.add(this.#node.monotonic() - startMs);
    return reply;
  }
}
