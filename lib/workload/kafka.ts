/**
 * The kafka workload: append-only logs, one for each key. A message sent to a key gets an offset,
 * polls return messages from given offsets on, and consumers commit the offsets that they reached.
 *
 * @module
 */

import { checkKafka, type KafkaVerdict } from "../check/kafka/mod.ts";
import { KafkaClient } from "./kafka_client.ts";
import { kafkaReads } from "./kafka_reads.ts";
import { kafkaFinalGenerator, kafkaGenerator } from "./kafka_generator.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `kafka`. */
export const kafka: Workload<KafkaVerdict> = {
  name: "kafka",
  summary: "logs by key: send a message, poll from an offset, commit an offset",
  // A crash always ends `info`: the worker replaces the client.
  mayNeverSucceed: ["crash"],
  generator: kafkaGenerator,
  finalGenerator: (_options, random, main) => kafkaFinalGenerator(random, main),
  client: (connection) => new KafkaClient(connection),
  reads: kafkaReads,
  check: (history) => checkKafka(history),
};
