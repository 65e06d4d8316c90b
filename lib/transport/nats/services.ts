/**
 * Maelstrom's services on JetStream: lin-kv, seq-kv and lww-kv are key-value buckets, lin-tso is
 * the sequence of a stream. Each node executes its own requests, so that the services need no
 * process of their own.
 *
 * All three stores are linearizable, as far as JetStream is: the stream's leader serves every read,
 * and a compare-and-set is conditional on the revision that it read. Followers could serve a
 * sequentially consistent store, but a reader cannot find out whether a follower lacks what it has
 * read before.
 *
 * A definite error is sent only if the request certainly had no effect.
 *
 * @module
 */

import {
  JetStreamApiError,
  type JetStreamClient,
  jetstreamManager,
} from "npm:@nats-io/jetstream@3.4.0";
import { type KV, Kvm } from "npm:@nats-io/kv@3.4.0";
import { errors, type NatsConnection } from "npm:@nats-io/transport-node@3.4.0";
import { type Json, parseJson, stringifyJson } from "../../base/mod.ts";
import { decide, keyOf, unsupported } from "../../service/mod.ts";
import { type Body, ErrorCode, schema } from "../../wire/mod.ts";
import { encodeToken, type Subjects } from "./subjects.ts";

/** Below the time that a client waits, so that it receives the error. */
const TIMEOUT_MS = 3000;
/** A compare-and-set that meets a concurrent write of its key reads again, at most this often. */
const MAX_ATTEMPTS = 100;
/** A key is part of a subject, whose length servers limit to 4,096 bytes by default. */
const MAX_KEY_LENGTH = 2000;
/** JetStream's error codes. */
const STREAM_NOT_FOUND = 10059;
const WRONG_LAST_SEQUENCE = [10071, 10164];

/** Thrown for a request without a result; `code` tells whether it certainly had no effect. */
class ServiceError extends Error {
  override readonly name = "ServiceError";
  constructor(readonly code: number, text: string) {
    super(text);
  }
}

/** Thrown by a conditional write that finds another revision. */
export class RevisionConflict extends Error {
  override readonly name = "RevisionConflict";
}

/** A value and its revision in a bucket. */
export interface Entry {
  readonly value: Json;
  readonly revision: number;
}

/** What a key-value service needs of a bucket. */
export interface Bucket {
  /** Returns the newest entry of a key; a deleted one has no value. */
  get(key: string): Promise<{ readonly value: Json | undefined; readonly revision: number }>;
  /** Writes a value, if `revision` is given only over that revision. */
  put(key: string, value: Json, revision?: number): Promise<void>;
}

/** Executes a request of a key-value service. */
export async function handleKeyValue(
  bucket: Bucket,
  request: Body,
  mayCreate: boolean,
): Promise<Body> {
  const text = keyOf(request);
  const key = text === undefined ? undefined : encodeToken(text);
  if (key !== undefined && key.length > MAX_KEY_LENGTH) {
    return malformed(`the key takes ${key.length} bytes, at most ${MAX_KEY_LENGTH} are supported`);
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const needsValue = key !== undefined && (request.type === "read" || request.type === "cas");
    const current = needsValue ? await bucket.get(key) : undefined;
    const { reply, write } = decide(request, current?.value, mayCreate);
    if (key === undefined || write === undefined) return reply;
    const problem = schema.json.problem(write, "the value");
    if (problem !== undefined) return malformed(problem);
    try {
      await bucket.put(key, write, current?.revision);
      return reply;
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
    }
  }
  const contended = `${MAX_ATTEMPTS} concurrent writes of the key came first`;
  return { type: "error", code: ErrorCode.temporarilyUnavailable, text: contended };
}

function malformed(text: string): Body {
  return { type: "error", code: ErrorCode.malformedRequest, text };
}

/** The services of one node. */
export class Services {
  readonly #connection: NatsConnection;
  readonly #subjects: Subjects;
  readonly #isConnected: () => boolean;
  readonly #buckets = new Map<string, Promise<Bucket>>();
  #timestamps: Promise<JetStreamClient> | undefined;

  constructor(connection: NatsConnection, subjects: Subjects, isConnected: () => boolean) {
    this.#connection = connection;
    this.#subjects = subjects;
    this.#isConnected = isConnected;
  }

  /** Executes a request; returns the reply's body. */
  async handle(service: string, request: Body): Promise<Body> {
    try {
      if (service === "lin-tso") return await this.#timestamp(request);
      const bucket = await this.#bucket(service);
      return await handleKeyValue(bucket, request, service !== "lww-kv");
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : ErrorCode.crash;
      return { type: "error", code, text: `${service} on NATS: ${textOf(error)}` };
    }
  }

  async #timestamp(request: Body): Promise<Body> {
    if (request.type !== "ts") return unsupported(request, "ts").reply;
    this.#timestamps ??= this.#openTimestamps();
    const client = await this.#opened(this.#timestamps, () => this.#timestamps = undefined);
    const { seq } = await this.#write(() =>
      client.publish(this.#subjects.timestamp, "", { timeout: TIMEOUT_MS })
    );
    return { type: "ts_ok", ts: seq - 1 };
  }

  async #openTimestamps(): Promise<JetStreamClient> {
    const manager = await jetstreamManager(this.#connection, { timeout: TIMEOUT_MS });
    const name = this.#subjects.store("lin-tso");
    try {
      // It may exist with other settings, such as replicas.
      await manager.streams.info(name);
    } catch (error) {
      if (!isApiError(error, STREAM_NOT_FOUND)) throw error;
      await manager.streams.add({ name, subjects: [this.#subjects.timestamp], max_msgs: 1 });
    }
    return manager.jetstream();
  }

  #bucket(service: string): Promise<Bucket> {
    let bucket = this.#buckets.get(service);
    if (bucket === undefined) {
      this.#buckets.set(service, bucket = this.#openBucket(this.#subjects.store(service)));
    }
    return this.#opened(bucket, () => this.#buckets.delete(service));
  }

  async #openBucket(name: string): Promise<Bucket> {
    const manager = new Kvm(
      (await jetstreamManager(this.#connection, { timeout: TIMEOUT_MS })).jetstream(),
    );
    // Direct reads may be from a follower that is behind.
    const kv = await manager.create(name, { history: 1, allow_direct: false });
    return {
      get: (key) => this.#read(() => newest(kv, key)),
      put: (key, value, revision) => {
        const options = revision === undefined ? {} : { previousSeq: revision };
        const put = () => kv.put(key, stringifyJson(value), { timeout: TIMEOUT_MS, ...options });
        return this.#write(put).then(() => undefined);
      },
    };
  }

  /** Waits until a store is open, which changes nothing in it. The next request retries a failure. */
  async #opened<T>(opening: Promise<T>, forget: () => void): Promise<T> {
    try {
      return await opening;
    } catch (error) {
      forget();
      throw unavailable(error);
    }
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #write<T>(write: () => Promise<T>): Promise<T> {
    if (!this.#isConnected()) throw unavailable("not connected");
    try {
      return await write();
    } catch (error) {
      if (isApiError(error, ...WRONG_LAST_SEQUENCE)) throw new RevisionConflict(textOf(error));
      // No server took the request. After any other error the write may have happened.
      if (hadNoResponder(error)) throw unavailable(error);
      throw new ServiceError(ErrorCode.timeout, `outcome unknown: ${textOf(error)}`);
    }
  }
}

async function newest(kv: KV, key: string) {
  const entry = await kv.get(key);
  if (entry === null) return { value: undefined, revision: 0 };
  const value = entry.operation === "PUT" ? parseJson(entry.string()) : undefined;
  return { value, revision: entry.revision };
}

/** Whether JetStream refused a request with one of these codes. */
function isApiError(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}

/** Whether a request reached no server of JetStream. */
function hadNoResponder(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof errors.RequestError && cause.isNoResponders();
}

function unavailable(error: unknown): ServiceError {
  return new ServiceError(ErrorCode.temporarilyUnavailable, textOf(error));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
