/**
 * The kafka workload: logs by key. A message sent to a key gets an offset, polls return messages
 * from an offset on, and consumers commit how far they have come.
 *
 * @module
 */

import { checkKafka } from "../check/kafka/mod.ts";
import { KafkaClient } from "./kafka_client.ts";
import { kafkaFinalGenerator, kafkaGenerator } from "./kafka_generator.ts";
import type { Workload } from "./workload.ts";

/** Maelstrom's `kafka`. */
export const kafka: Workload = {
  name: "kafka",
  summary: "logs by key: send, poll from an offset, commit how far one has come",
  // A crash is the end of a client, so it is never acknowledged.
  mayFail: ["crash"],
  generator: kafkaGenerator,
  finalGenerator: (_options, random, main) => kafkaFinalGenerator(random, main),
  client: (connection) => new KafkaClient(connection),
  check: (history) => checkKafka(history),
};
