import { assert } from "std/testing";
import { run } from "../protocol/log/scenarios.ts";

const INTERVAL_MS = 150;
/** The client's own round trips. */
const MARGIN_MS = 50;

for (const count of [2, 5, 9, 15]) {
  Deno.test(`lamport: with ${count} nodes an entry is visible within ${2 * (count - 1)} intervals`, async () => {
    const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
    const ran = await run([], count, {
      nodes,
      concurrency: 2 * count,
      ratePerSecond: 100,
      timeLimitSeconds: 10,
      latency: { meanMs: 0, distribution: "constant" },
    });
    const { "worst-realtime-lag": worst } = ran.verdict as unknown as {
      "worst-realtime-lag": { readonly lag: number };
    };
    const boundMs = 2 * (count - 1) * INTERVAL_MS;
    assert(worst.lag * 1000 <= boundMs + MARGIN_MS, `${worst.lag} s, expected ${boundMs} ms`);
    assert(worst.lag * 1000 > boundMs / 4, `${worst.lag} s is too good to be measured right`);
  });
}
