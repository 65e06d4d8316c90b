import { assert, assertEquals } from "std/testing";
import { Account } from "../../../../examples/raft.ts";
import {
  MemoryStorage,
  RaftServer,
  type ServerMessage,
} from "../../../../lib/protocol/consensus/raft/mod.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

/** Starts a member `a` of three, whose messages are recorded. */
async function startMember(incarnation: string, clock: ManualClock, storage: MemoryStorage) {
  const sent: ServerMessage[] = [];
  const server = await RaftServer.start({
    id: "a",
    members: ["a", "b", "c"],
    incarnation,
    machine: new Account(),
    storage,
    transport: { send: (_to, message) => void sent.push(message) },
    clock,
    random: () => 0,
    fail(error) {
      throw error;
    },
  });
  return { server, sent };
}

/** A member `a` that leads term 1. */
async function leaderOfTerm1(clock: ManualClock, storage = new MemoryStorage()) {
  const { server, sent } = await startMember("a1", clock, storage);
  const until = (type: string) =>
    clock.until((async () => {
      for (let ms = 0; !sent.some((message) => message.type === type); ms++) {
        await new Promise<void>((resolve) => clock.after(1, resolve));
      }
    })());
  await until("request_vote");
  server.receive("b", { type: "vote", term: 1, granted: true, pre: true });
  sent.length = 0;
  await until("request_vote");
  server.receive("b", { type: "vote", term: 1, granted: true });
  assertEquals([server.state.role, server.state.term], ["leader", 1]);
  return { server, sent };
}

const FORWARD = {
  type: "forward",
  client: "b1",
  batch: 7,
  term: 1,
  session: 1,
  first: 1,
  commands: [[1, 100]],
} as const;

/** What a member replies to a message. */
function replyTo(
  { server, sent }: Awaited<ReturnType<typeof leaderOfTerm1>>,
  message: ServerMessage,
) {
  sent.length = 0;
  server.receive("b", message);
  return sent.find(({ type }) => type === "refused" || type === "forwarded");
}

const DEPOSE = { type: "vote", term: 5, granted: false } as const;

Deno.test("a copy of an accepted request is not refused as if it had never been accepted", async () => {
  const member = await leaderOfTerm1(new ManualClock());
  assertEquals(replyTo(member, FORWARD), undefined, "accepted, and not yet committed");
  member.server.receive("c", DEPOSE);
  const copy = replyTo(member, FORWARD);
  assert(copy?.type === "refused" && copy.accepted === true);
  // A request that was not accepted never will be: the term has ended.
  const other = replyTo(member, { ...FORWARD, batch: 8 });
  assert(other?.type === "refused" && other.accepted === undefined);
  member.server.stop();
});

Deno.test("a member that restarts does not know which requests it had accepted", async () => {
  const clock = new ManualClock();
  const storage = new MemoryStorage();
  const first = await leaderOfTerm1(clock, storage);
  replyTo(first, FORWARD);
  first.server.stop();
  const restarted = await startMember("a2", clock, storage);
  const reply = replyTo(restarted, FORWARD);
  assert(reply?.type === "refused" && reply.accepted === true);
  restarted.server.stop();
});

/** Lets b acknowledge the log of the leader, and waits until all of it is committed. */
async function commitAll({ server }: Awaited<ReturnType<typeof leaderOfTerm1>>): Promise<void> {
  server.receive("b", { type: "appended", term: 1, match: server.state.lastIndex, round: 1 });
  while (server.state.commit < server.state.lastIndex) await Promise.resolve();
}

Deno.test("a copy of a change that arrives late does not undo a later change", async () => {
  const member = await leaderOfTerm1(new ManualClock());
  const { server } = member;
  const forward = { type: "forward", client: "b1", term: 1 } as const;
  server.receive("b", { ...forward, batch: 1, open: "b1" });
  await commitAll(member);
  const opened = member.sent.find(({ type }) => type === "forwarded");
  assert(opened?.type === "forwarded" && opened.session !== undefined);
  const { session } = opened;
  const first: ServerMessage = {
    ...forward,
    batch: 2,
    session,
    first: 1,
    changes: [[1, { remove: "c" }]],
  };
  server.receive("b", first);
  server.receive("b", first);
  await commitAll(member);
  assertEquals(server.state.members, ["a", "b"]);
  server.receive("b", { ...first, batch: 3, changes: [[2, { add: "c" }]] });
  // c has the whole log.
  server.receive("c", { type: "appended", term: 1, match: server.state.lastIndex, round: 1 });
  await commitAll(member);
  const members = ["a", "b", "c"];
  assertEquals(server.state.members, members);
  const removed = replyTo(member, first);
  assert(removed?.type === "forwarded");
  assertEquals(removed.results, [[1, { result: ["a", "b"] }]]);
  assertEquals(server.state.members, members);
  // The sender has received the results of the first two, so they are dropped.
  server.receive("b", { ...first, batch: 4, first: 3, changes: [[3, { add: "b" }]] });
  await commitAll(member);
  const expired = replyTo(member, first);
  assert(expired?.type === "forwarded");
  assertEquals(expired.results, [[1, { expired: true }]]);
  assertEquals(server.state.members, members);
  server.stop();
});

Deno.test("a node that does not reply is not added: a definite error, also for a copy of the request", async () => {
  const clock = new ManualClock();
  const member = await leaderOfTerm1(clock);
  const { server } = member;
  const forward = { type: "forward", client: "b1", term: 1 } as const;
  server.receive("b", { ...forward, batch: 1, open: "b1" });
  await commitAll(member);
  const opened = member.sent.find(({ type }) => type === "forwarded");
  assert(opened?.type === "forwarded" && opened.session !== undefined);
  const add: ServerMessage = {
    ...forward,
    batch: 2,
    session: opened.session,
    first: 1,
    changes: [[1, { add: "d" }]],
  };
  assertEquals(replyTo(member, add), undefined);
  // b replies to the leader, and d does not.
  const keepLeading = async () => {
    for (let round = 1; member.sent.every(({ type }) => type !== "forwarded"); round++) {
      server.receive("b", { type: "appended", term: 1, match: server.state.lastIndex, round });
      await new Promise<void>((resolve) => clock.after(20, resolve));
    }
  };
  await clock.until(keepLeading());
  const refused = "d does not reply; start it, and connect it to the leader";
  const results = [[1, { refused }]];
  const reply = member.sent.find(({ type }) => type === "forwarded");
  assert(reply?.type === "forwarded");
  assertEquals(reply.results, results as unknown as typeof reply.results);
  const copy = replyTo(member, add);
  assert(copy?.type === "forwarded");
  assertEquals(copy.results, results as unknown as typeof reply.results);
  assertEquals([server.state.role, server.state.members], ["leader", ["a", "b", "c"]]);
  server.stop();
});
