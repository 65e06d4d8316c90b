import { assert, assertEquals } from "std/testing";
import { Client } from "../../../../lib/protocol/consensus/raft/server/client.ts";
import type { Forward } from "../../../../lib/protocol/consensus/raft/server/messages.ts";
import type { Replica } from "../../../../lib/protocol/consensus/raft/server/replica.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

/** The leader's own client, whose messages the test answers. */
function newClient() {
  const clock = new ManualClock();
  const sent: Forward[] = [];
  const raft = { id: "a", leader: "a", term: 1, members: ["a", "b", "c"] };
  const client = new Client({
    replica: { raft } as unknown as Replica,
    clock,
    random: () => 0,
    incarnation: "a1",
    lingerMs: 0,
    send: (_to, message) => void sent.push(message),
    sometimes: () => {},
  });
  return { client, clock, sent };
}

Deno.test("a session is opened again in time, however many messages follow the one that opens it", async () => {
  for (const queries of [10, 300]) {
    const { client, clock, sent } = newClient();
    client.changed();
    assertEquals(sent.map(({ open }) => open), ["a1"]);
    for (let number = 1; number <= queries; number++) {
      client.perform({ query: number }, () => 60_000);
      const { batch } = sent.at(-1) as Forward;
      const results = [[number, { result: null }]] as const;
      client.onForwarded({ type: "forwarded", client: "a1", batch, results: [...results] });
    }
    const opened = () => sent.filter(({ open }) => open !== undefined).length;
    await clock.until(Promise.withResolvers().promise, 1000).catch(() => {});
    assert(opened() > 1, `${queries} queries`);
  }
});
