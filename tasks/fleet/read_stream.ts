/**
 * Reads a stream from its beginning, across restarts of the server.
 *
 * @module
 */

import { DeliverPolicy, type JetStreamClient, type JetStreamManager } from "@nats-io/jetstream";
import { type KV } from "@nats-io/kv";
import { jobOfStream } from "./job.ts";

const FETCH_MESSAGES = 100;
const FETCH_WAIT_MS = 1000;
const RETRY_INTERVAL_MS = 250;
/** A job whose stream got no message for this time is deleted by the next starter. */
const MAX_IDLE_MS = 24 * 3_600_000;

/** What is read, and until when. */
export interface ReadSettings {
  readonly stream: string;
  readonly subject: string;
  readonly signal: AbortSignal;
  /** Called with each message once, in their order. */
  onMessage(data: Uint8Array): void;
  /** Returns whether to read on; called each second. `wasEmpty` is true after a second without messages. */
  isContinuing(wasEmpty: boolean): boolean;
}

/**
 * Reads the messages of a subject, those on the server and those to come. After an error it begins
 * again behind the last message. Returns false if the stream does not exist (any more).
 */
export async function readStream(js: JetStreamClient, settings: ReadSettings): Promise<boolean> {
  const { stream, subject, signal } = settings;
  let next = 1;
  for (;;) {
    let thrown: { readonly error: unknown } | undefined;
    try {
      const consumer = await js.consumers.get(stream, {
        filter_subjects: subject,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: next,
      });
      for (let isContinuing = true; isContinuing;) {
        let isEmpty = true;
        const batch = await consumer.fetch({
          max_messages: FETCH_MESSAGES,
          expires: FETCH_WAIT_MS,
        });
        for await (const message of batch) {
          isEmpty = false;
          if (message.seq < next) continue;
          next = message.seq + 1;
          try {
            settings.onMessage(message.data);
          } catch (error) {
            thrown = { error };
            throw error;
          }
        }
        signal.throwIfAborted();
        isContinuing = settings.isContinuing(isEmpty);
      }
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (thrown !== undefined) throw thrown.error;
      if ((error as Error).name === "StreamNotFoundError") return false;
      if (!settings.isContinuing(false)) return true;
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }
}

/**
 * Deletes the jobs whose starters and workers have been gone for a time, a day by default; returns
 * their ids.
 */
export async function deleteIdleJobs(
  jsm: JetStreamManager,
  jobs: KV,
  maxIdleMs = MAX_IDLE_MS,
): Promise<string[]> {
  const before = Date.now() - maxIdleMs;
  const deleted: string[] = [];
  for await (const { config, created, state } of jsm.streams.list()) {
    const job = jobOfStream(config.name);
    if (job === undefined) continue;
    const lastMs = state.messages > 0 ? Date.parse(state.last_ts) : Date.parse(created);
    if (lastMs >= before) continue;
    await jsm.streams.delete(config.name);
    await jobs.delete(job);
    deleted.push(job);
  }
  return deleted;
}
