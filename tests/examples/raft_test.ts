import { assertEquals, assertRejects } from "std/testing";
import { AccountCluster, run, type Surroundings } from "../../examples/raft.ts";
import { Random } from "../../lib/base/mod.ts";
import { RequestError } from "../../lib/protocol/consensus/raft/mod.ts";
import { ManualClock } from "../support/manual_clock.ts";

function surroundings(clock: ManualClock): Surroundings {
  const random = new Random(1);
  return {
    clock,
    random: () => random.next(),
    fail(error) {
      throw error;
    },
  };
}

Deno.test("an account survives the loss of its leader", async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  await clock.until(run(surroundings(clock), (line) => lines.push(line)));
  assertEquals(lines, [
    'deposit 100: {"balance":100}',
    'withdraw 30: {"balance":70}',
    "the leader of term 1 crashes",
    'withdraw 80: {"refused":"the balance is 70"}',
    'read: {"balance":70}',
  ]);
});

Deno.test("a member without a majority says that a command was not executed", async () => {
  const clock = new ManualClock();
  const cluster = new AccountCluster(surroundings(clock));
  await cluster.start(["a", "b", "c"]);
  cluster.stop("b");
  cluster.stop("c");
  const result = cluster.member("a").execute(1, { timeoutMs: 2000 });
  const error = await assertRejects(() => clock.until(result), RequestError);
  assertEquals(error.outcome, "not-executed");
});

Deno.test("a leader that loses its majority says that a command's outcome is unknown", async () => {
  const clock = new ManualClock();
  const cluster = new AccountCluster(surroundings(clock));
  await cluster.start(["a", "b", "c"]);
  await clock.until(cluster.member("a").execute(1));
  const { leader = "" } = cluster.member("a").state;
  for (const id of cluster.running) if (id !== leader) cluster.stop(id);
  const result = cluster.member(leader).execute(1, { timeoutMs: 2000 });
  const error = await assertRejects(() => clock.until(result), RequestError);
  assertEquals(error.outcome, "unknown");
});

Deno.test("members are added and removed, and the leadership is handed over", async () => {
  const clock = new ManualClock();
  const cluster = new AccountCluster(surroundings(clock));
  await cluster.start(["a", "b", "c"]);
  await clock.until(cluster.member("a").execute(5));
  const { leader = "" } = cluster.member("a").state;
  const [next = "", other = ""] = cluster.running.filter((id) => id !== leader);
  cluster.member(leader).transferLeadership(next);
  assertEquals(await clock.until(cluster.member(other).execute(5)), { balance: 10 });
  assertEquals(cluster.member(next).state.role, "leader");
  const members = await clock.until(cluster.member(other).removeMember(next));
  assertEquals([...members].sort(), [leader, other].sort());
  // A removed member still forwards the requests of its clients.
  assertEquals(await clock.until(cluster.member(next).query(null)), { balance: 10 });
  assertEquals((await clock.until(cluster.member(next).addMember(next))).length, 3);
});

Deno.test("a member that does not reply is not added, and the cluster keeps serving", async () => {
  const clock = new ManualClock();
  const cluster = new AccountCluster(surroundings(clock));
  await cluster.start(["a"]);
  const member = cluster.member("a");
  await clock.until(member.execute(5));
  const adding = member.addMember("unreachable");
  assertEquals(await clock.until(member.execute(5)), { balance: 10 });
  const error = await assertRejects(() => clock.until(adding), RequestError);
  assertEquals(error.outcome, "not-executed");
  assertEquals(error.message, "unreachable does not reply; start it, and connect it to the leader");
  assertEquals(member.state.members, ["a"]);
  assertEquals(await clock.until(member.execute(5)), { balance: 15 });
});
