import { assertEquals } from "std/testing";
import { checkKafka, realtimeLag } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

/** Returns the lags of all polls, in seconds. */
function lags(text: string): number[] {
  return realtimeLag(parseLogHistory(text)).map(({ lag }) => lag / 1e9);
}

Deno.test("a poll at the last entry has no lag", () => {
  assertEquals(
    lags(`
      0 send k:1@0
      1 poll k:1@0`),
    [0],
  );
});

Deno.test("a poll's lag starts when the entry after its position was acknowledged", () => {
  // Events are 1 s apart: the second send completes at 5 s, the second poll is invoked at 6 s.
  assertEquals(
    lags(`
      0 send k:1@0
      1 poll k:1@0
      0 send k:2@1
      1 poll`),
    [0, 1],
  );
});

Deno.test("the lag of an assigned key without a position starts with the first entry", () => {
  // The send completes at 1 s; the polls are invoked at 4 s and 6 s.
  assertEquals(
    lags(`
      0 send k:1@0
      1 assign k
      1 poll
      1 poll`),
    [3, 5],
  );
});

Deno.test("a transaction's own send is its position; the next entry of another process lags", () => {
  // The second send completes at 3 s, the poll is invoked at 4 s.
  assertEquals(
    lags(`
      0 txn send k:1@0
      1 send k:2@1
      0 poll`),
    [0, 1],
  );
});

Deno.test("an empty poll, a failed send and a send without an offset show no entry", () => {
  for (const first of ["0 poll k:", "0 send k:1@0 !", "0 send k:1 ?"]) {
    assertEquals(lags(`${first}\n1 poll k:\n1 poll k:`).slice(-2), [0, 0], first);
  }
});

Deno.test("of keys with the same lag the first is reported, and a larger lag of another one", () => {
  const worst = (text: string) => realtimeLag(parseLogHistory(text)).at(-1)?.key;
  assertEquals(worst("0 txn send j:1@0 send k:1@0\n1 assign k j\n1 poll"), "k");
  assertEquals(worst("0 send j:1@0\n0 send k:1@0\n1 assign k j\n1 poll"), "j");
});

Deno.test("an offset proves that all lower offsets exist", () => {
  // Offset 7 was acknowledged at 1 s; a process at offset 4 lags since then.
  assertEquals(
    lags(`
      0 send k:1@7
      1 poll k:2@4`),
    [1],
  );
});

Deno.test("an assignment resets the positions of dropped keys and keeps the others", () => {
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

Deno.test("a subscription drops all positions", () => {
  const polls = (between: string) =>
    lags(`
      0 send k:1@0
      1 assign k
      ${between}
      1 poll`).length;
  assertEquals([polls(""), polls("1 subscribe")], [1, 0]);
});

Deno.test("worst-realtime-lag is in seconds, with its process and key", () => {
  const verdict = checkKafka(parseLogHistory(`
    0 send k:1@0
    1 assign k j
    1 poll`));
  assertEquals(verdict["worst-realtime-lag"], { time: 4, process: 1, key: "k", lag: 3 });
  assertEquals(checkKafka([])["worst-realtime-lag"], { time: 0, lag: 0 });
});
