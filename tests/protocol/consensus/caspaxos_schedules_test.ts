import { assert, assertEquals } from "std/testing";
import {
  acceptorStep,
  EMPTY,
  Proposer,
  type Reply,
  type Request,
} from "../../../lib/protocol/consensus/caspaxos.ts";
import { type Parts, runSchedule } from "./caspaxos_world.ts";

const { promised: LOWEST, accepted: ZERO, state: NOTHING } = EMPTY;

const MARKS = [
  "caspaxos: a change that keeps the value stored nothing",
  "caspaxos: a change took one round trip",
  "caspaxos: a rival interrupted an accept, whose outcome is unknown",
  "caspaxos: acceptors promised different states",
  "caspaxos: an interrupted accept was applied after all",
];

Deno.test("appendix A: changes form one chain under 5,000 random schedules", () => {
  const reached = new Set<string>();
  for (let seed = 0; seed < 5000; seed++) {
    assertEquals(runSchedule(seed, {}, reached), undefined, `seed ${seed}`);
  }
  assertEquals([...reached].toSorted(), MARKS);
});

/** A proposer that drops the ballots of its changes from each state. */
class ForgetfulProposer {
  static create(settings: ConstructorParameters<typeof Proposer>[0]): Proposer {
    const proposer = new Proposer(settings);
    const receive = proposer.receive.bind(proposer);
    return Object.assign(proposer, {
      receive(acceptor: string, request: Request, reply: Reply) {
        const forgotten: Reply = reply.type === "promise"
          ? { ...reply, state: { ...reply.state, last: {} } }
          : reply;
        return receive(acceptor, request, forgotten);
      },
    });
  }
}

const BROKEN: readonly (readonly [name: string, parts: Parts])[] = [
  ["an acceptor forgets its promises when it restarts", {
    restart: (record) => ({ ...record, promised: LOWEST }),
  }],
  ["an acceptor forgets its states when it restarts", {
    restart: (record) => ({ ...record, accepted: ZERO, state: NOTHING }),
  }],
  ["an acceptor accepts ballots below its promise", {
    step: (before, request) => {
      const lower = before !== undefined && request.type === "accept"
        ? { ...before, promised: before.accepted }
        : before;
      return acceptorStep(lower, request);
    },
  }],
  ["an acceptor promises ballots below its promise", {
    step: (before, request) => {
      const lower = before !== undefined && request.type === "prepare"
        ? { ...before, promised: LOWEST }
        : before;
      return acceptorStep(lower, request);
    },
  }],
  ["an acceptor shows a state that is older than the ballot", {
    step: (before, request) => {
      const { reply, after } = acceptorStep(before, request);
      if (reply.type !== "conflict") return { reply, ...(after === undefined ? {} : { after }) };
      return { reply: { ...reply, accepted: ZERO } };
    },
  }],
  ["an incarnation repeats the ballots of the one before", {
    incarnation: () => "i0",
    knownBallot: () => LOWEST,
  }],
  ["a proposer takes a smaller quorum", {
    believed: (ids, self) => {
      const rotated = [...ids, ...ids].slice(ids.indexOf(self));
      return rotated.slice(0, Math.max(1, ids.length - 2));
    },
  }],
  ["a proposer does not look for its own changes", { createProposer: ForgetfulProposer.create }],
];

for (const [name, parts] of BROKEN) {
  Deno.test(`random schedules find that ${name}`, () => {
    const found = Array.from({ length: 3000 }, (_, seed) => seed).find((seed) => {
      try {
        return runSchedule(seed, parts) !== undefined;
      } catch {
        return true;
      }
    });
    assert(found !== undefined, "no schedule failed");
  });
}
