import { assertBroadcastsUnderPartition, assertEchoes, testWith } from "../support/run_example.ts";

testWith("node", "the echo node in Node.js is valid", async () => {
  await assertEchoes("examples/nodejs/echo.mjs");
});

testWith("node", "the broadcast node in Node.js loses no value under a partition", async () => {
  await assertBroadcastsUnderPartition("examples/nodejs/broadcast.mjs");
});
