/**
 * Random schedules of the Raft state machine, with all faults at once: messages that are lost,
 * duplicated and reordered, disks that lose what was not synced, crashes, and changes of the
 * membership. Figure 3 holds after every event.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../../lib/base/mod.ts";
import { Cluster, type InFlight, TIMING } from "./cluster.ts";

const STEPS = 1500;
const SEEDS = 60;

/** What may happen, and how often in comparison: a seed leaves some of it out (swarm testing). */
const ACTIONS = {
  deliver: 60,
  advance: 25,
  sync: 40,
  propose: 12,
  read: 4,
  lose: 3,
  duplicate: 3,
  crash: 1.5,
  restart: 4,
  partition: 0.5,
  heal: 0.5,
  compact: 2,
  transfer: 0.5,
  change: 1,
} as const;
type Action = keyof typeof ACTIONS;
const OPTIONAL: readonly Action[] = [
  "lose",
  "duplicate",
  "crash",
  "partition",
  "compact",
  "transfer",
  "change",
];

/** Plays a schedule. Returns the cluster, after a quiet end in which it must elect and commit. */
function play(seed: number): Cluster {
  const random = new Random(`raft ${seed}`);
  const ids = ["a", "b", "c", "d", "e"].slice(0, random.pick([1, 2, 3, 3, 4, 5, 5]));
  const leaseDrift = random.chance(1 / 3) ? { leaseDrift: 0.1 } : {};
  const maxChunkBytes = random.pick([10, 30, TIMING.maxChunkBytes]);
  const timing = { ...TIMING, ...leaseDrift, lingerMs: random.pick([0, 5]), maxChunkBytes };
  const cluster = new Cluster(ids, { random: () => random.next(), timing, syncs: false });
  const weights = new Map<Action, number>(Object.entries(ACTIONS) as [Action, number][]);
  for (const action of OPTIONAL) if (random.chance(1 / 3)) weights.delete(action);
  let side = new Set<string>();
  const isCut = ({ from, to }: InFlight) => side.has(from) !== side.has(to);
  let command = 0;
  const reads: { id: string; read: number }[] = [];

  const actions: Record<Action, () => void> = {
    deliver() {
      if (cluster.inFlight.length === 0) return cluster.advance(random.next() * 20);
      // Mostly in order, sometimes not.
      const index = random.chance(0.8) ? 0 : random.integer(cluster.inFlight.length);
      if (isCut(cluster.inFlight[index] as InFlight)) cluster.inFlight.splice(index, 1);
      else cluster.deliverAt(index);
    },
    advance: () => cluster.advance(random.next() * (random.chance(0.1) ? 200 : 20)),
    sync: () => cluster.sync(random.pick(ids), random.chance(0.5) ? Infinity : 1),
    propose() {
      const [leader] = random.shuffle(cluster.leaders);
      if (leader?.raft.acceptsProposals) cluster.propose(leader.id, ++command);
    },
    read() {
      const [leader] = random.shuffle(cluster.leaders);
      if (leader !== undefined) reads.push({ id: leader.id, read: cluster.read(leader.id) });
    },
    lose: () => void cluster.inFlight.splice(random.integer(cluster.inFlight.length || 1), 1),
    duplicate() {
      if (cluster.inFlight.length > 0) {
        cluster.deliverAt(random.integer(cluster.inFlight.length), true);
      }
    },
    crash() {
      const id = random.pick(ids);
      const { unsynced } = cluster.member(id);
      if (!cluster.member(id).isDown) cluster.crash(id, random.integer(unsynced + 1));
    },
    restart() {
      const down = ids.filter((id) => cluster.member(id).isDown);
      if (down.length > 0) cluster.restart(random.pick(down));
    },
    partition: () => void (side = new Set(ids.filter(() => random.chance(0.4)))),
    heal: () => void (side = new Set()),
    compact() {
      const id = random.pick(ids);
      if (!cluster.member(id).isDown) cluster.compact(id);
    },
    transfer() {
      for (const leader of cluster.leaders) cluster.transfer(leader.id, random.pick(ids));
    },
    change() {
      const [leader] = random.shuffle(cluster.leaders);
      if (leader === undefined) return;
      const id = random.pick(ids);
      const { members } = leader.raft;
      const changed = members.includes(id)
        ? members.filter((member) => member !== id)
        : [...members, id];
      const problem = leader.raft.changeProblem(changed);
      if (problem === undefined) cluster.change(leader.id, changed);
      else if (problem.includes("caught up")) cluster.learn(leader.id, id);
    },
  };

  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  for (let step = 0; step < STEPS; step++) {
    let left = random.next() * total;
    for (const [action, weight] of weights) {
      left -= weight;
      if (left < 0) {
        actions[action]();
        break;
      }
    }
  }
  settle(cluster, ids);
  return cluster;
}

/** Heals everything and lets time pass. */
function settle(cluster: Cluster, ids: readonly string[]): void {
  for (const id of ids) if (cluster.member(id).isDown) cluster.restart(id);
  const run = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5) {
      for (const id of ids) cluster.sync(id);
      for (let count = cluster.inFlight.length; count > 0; count--) cluster.deliverAt(0);
      cluster.advance(5);
    }
  };
  run(5000);
  const [leader] = cluster.leaders;
  assert(leader !== undefined && cluster.leaders.length === 1, "one leader leads in the end");
  cluster.propose(leader.id, "last");
  const read = cluster.read(leader.id);
  run(1000);
  for (const id of leader.raft.members) {
    assertEquals(cluster.member(id).applied.at(-1), "last", `${id} applies the last command`);
    assertEquals(cluster.member(id).applied, leader.applied);
  }
  assert((leader.reads.get(read) as number) >= 0, "the last read has a result");
}

Deno.test("figure 3 holds after every event of random schedules, which end with a leader", () => {
  const marks = new Map<string, number>();
  for (let seed = 0; seed < SEEDS; seed++) {
    try {
      for (const [mark, count] of play(seed).marks) {
        marks.set(mark, (marks.get(mark) ?? 0) + Math.min(1, count));
      }
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  const rare = [
    "a candidate's log was not up to date",
    "a conflicting tail was overwritten",
    "a leader removed itself",
    "a leader stepped down without a majority",
    "a new member caught up with the log",
    "a lease answered a read",
    "a lease had expired",
    "a round confirmed a read",
    "a round was repeated to all members",
    "a snapshot arrived in several messages",
    "a snapshot was installed",
    "a vote was denied",
    "an election had no winner",
  ];
  for (const mark of rare) assert((marks.get(mark) ?? 0) > 2, `${mark}: ${marks.get(mark)}`);
});
