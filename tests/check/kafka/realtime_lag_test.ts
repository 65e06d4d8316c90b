import { assertEquals } from "std/testing";
import { checkKafka, realtimeLag } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "./log_notation.ts";

/** The lags of all polls, in seconds. */
function lags(text: string): number[] {
  return realtimeLag(parseLogHistory(text)).map(({ lag }) => lag / 1e9);
}

Deno.test("a poll that knows the last entry does not lag", () => {
  assertEquals(
    lags(`
      0 send k:1@0
      1 poll k:1@0`),
    [0],
  );
});

Deno.test("a poll lags since the entry after the last it knows was acknowledged", () => {
  // Events are a second apart: the second send ends at 5 s, the second poll begins at 6 s.
  assertEquals(
    lags(`
      0 send k:1@0
      1 poll k:1@0
      0 send k:2@1
      1 poll`),
    [0, 1],
  );
});

Deno.test("a poll of a key it was assigned and knows nothing of lags since the first entry", () => {
  // The send ends at 1 s, the polls begin at 4 s and at 6 s.
  assertEquals(
    lags(`
      0 send k:1@0
      1 assign k
      1 poll
      1 poll`),
    [3, 5],
  );
});

Deno.test("an entry proves that all below it existed", () => {
  // Offset 7 was acknowledged at 1 s; who knows only offset 4 has lagged since.
  assertEquals(
    lags(`
      0 send k:1@7
      1 poll k:2@4`),
    [1],
  );
});

Deno.test("an assignment forgets the keys that it gives up and keeps what is known of others", () => {
  assertEquals(
    lags(`
      0 send k:1@0
      1 poll k:1@0
      0 send k:2@1
      1 assign j
      1 poll
      1 assign k
      1 poll`),
    [0, 0, 11],
  );
});

Deno.test("the worst lag is told in seconds, with its process and key", () => {
  const verdict = checkKafka(parseLogHistory(`
    0 send k:1@0
    1 assign k j
    1 poll`));
  assertEquals(verdict["worst-realtime-lag"], { time: 4, process: 1, key: "k", lag: 3 });
  assertEquals(checkKafka([])["worst-realtime-lag"], { time: 0, lag: 0 });
});
