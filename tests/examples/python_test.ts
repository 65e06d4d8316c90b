import { assertBroadcastsUnderPartition, assertEchoes, testWith } from "../support/run_example.ts";

testWith("python3", "the echo node in Python is valid", async () => {
  await assertEchoes("examples/python/echo.py");
});

testWith("python3", "the broadcast node in Python loses no value under a partition", async () => {
  await assertBroadcastsUnderPartition("examples/python/broadcast.py");
});
