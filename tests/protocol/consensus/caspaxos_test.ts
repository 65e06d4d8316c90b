import { assert, assertEquals } from "std/testing";
import {
  acceptorStep,
  type Ballot,
  type Change,
  compareBallots,
  type Outcome,
  type Promised,
  Proposer,
  type Reply,
  type Request,
} from "../../../lib/protocol/consensus/caspaxos.ts";
import { type Parts, runSchedule } from "./caspaxos_world.ts";

const ZERO: Ballot = [0, "", ""];
const ballot = (counter: number, node = "n0"): Ballot => [counter, node, "i"];
const accept = (number: Ballot, value: string, next: Ballot): Request => ({
  type: "accept",
  ballot: number,
  state: { value: [value], last: {} },
  next,
});

/** Runs requests one after another at a new acceptor; returns its replies. */
function replies(...requests: Request[]): Reply[] {
  let record: Promised | undefined;
  return requests.map((request) => {
    const { reply, after } = acceptorStep(record, request);
    record = after ?? record;
    return reply;
  });
}

function proposerOf(nodeCount: number, id = "n0") {
  const acceptors = Array.from({ length: nodeCount }, (_, index) => `n${index}`);
  return new Proposer({ acceptors, id, incarnation: "i", sometimes: () => {} });
}

function append(text: string): Change {
  return {
    mayHaveHappened: false,
    run: (value) => [`${value ?? ""}${text}`, `${value ?? ""}${text}`],
  };
}

/** Sends a request to some acceptors; returns the outcome of the last reply. */
function exchange(
  proposer: Proposer,
  request: Request,
  records: Map<string, Promised>,
  acceptors: readonly string[],
): Outcome | undefined {
  let outcome: Outcome | undefined;
  for (const acceptor of acceptors) {
    const { reply, after } = acceptorStep(records.get(acceptor), request);
    if (after !== undefined) records.set(acceptor, after);
    outcome = proposer.receive(acceptor, request, reply) ?? outcome;
  }
  return outcome;
}

function requestOf(outcome: Outcome | undefined): Request {
  assert(outcome !== undefined && outcome !== "lost" && outcome.type !== "chosen");
  return outcome;
}

function resultsOf(outcome: Outcome | undefined): unknown[] {
  assert(outcome !== undefined && outcome !== "lost" && outcome.type === "chosen");
  return [...outcome.results.values()];
}

Deno.test("step 2: a proposer's ballots grow, and exceed every ballot that it has seen", () => {
  const proposer = proposerOf(3);
  const first = proposer.begin();
  proposer.receive("n1", first, { type: "conflict", ballot: ballot(7, "n1") });
  proposer.abandon();
  const second = proposer.begin();
  const third = proposer.begin(ballot(20, "n2"));
  assertEquals([first, second, third].map(({ ballot }) => ballot[0]), [1, 8, 21]);
});

Deno.test("step 2: two incarnations of a node have no ballot in common", () => {
  const settings = { acceptors: ["n0"], id: "n0", sometimes: () => {} };
  const [one, two] = ["a", "b"].map((incarnation) => new Proposer({ ...settings, incarnation }));
  assert(one !== undefined && two !== undefined);
  assert(compareBallots(one.begin().ballot, two.begin().ballot) !== 0);
});

Deno.test("step 3: an acceptor refuses a ballot below the one that it promised", () => {
  assertEquals(
    replies({ type: "prepare", ballot: ballot(5) }, { type: "prepare", ballot: ballot(4) }),
    [
      { type: "promise", accepted: ZERO, state: { value: [], last: {} } },
      { type: "conflict", ballot: ballot(5) },
    ],
  );
});

Deno.test("step 3: a promise carries the state that the acceptor accepted last, and its ballot", () => {
  const [, , third] = replies(
    accept(ballot(1), "a", ballot(2)),
    accept(ballot(2), "b", ballot(3)),
    { type: "prepare", ballot: ballot(4, "n1") },
  );
  assertEquals(third, {
    type: "promise",
    accepted: ballot(2),
    state: { value: ["b"], last: {} },
  });
});

Deno.test("step 4: without a quorum of promises a proposer sends no accept", () => {
  const proposer = proposerOf(5);
  proposer.pending.add(append("a"));
  const records = new Map<string, Promised>();
  const request = proposer.begin();
  assertEquals(exchange(proposer, request, records, ["n0", "n1"]), undefined);
  assertEquals(exchange(proposer, request, records, ["n1"]), undefined);
  assertEquals(requestOf(exchange(proposer, request, records, ["n2"])).type, "accept");
});

Deno.test("step 4: a proposer continues from the state with the highest ballot of its quorum", () => {
  const proposer = proposerOf(3);
  proposer.pending.add(append("c"));
  const records = new Map<string, Promised>();
  const store = (acceptor: string, request: Request) => {
    const { after } = acceptorStep(records.get(acceptor), request);
    if (after !== undefined) records.set(acceptor, after);
  };
  store("n1", accept(ballot(2, "n1"), "b", ballot(3, "n1")));
  store("n2", accept(ballot(1, "n2"), "a", ballot(2, "n2")));
  const request = proposer.begin(ballot(3, "n1"));
  const next = requestOf(exchange(proposer, request, records, ["n2", "n1"]));
  assert(next.type === "accept");
  assertEquals(next.state.value, ["bc"]);
});

Deno.test("step 5: an acceptor refuses a state whose ballot is below its promise", () => {
  const [, refused, stored] = replies(
    { type: "prepare", ballot: ballot(5, "n1") },
    accept(ballot(4), "a", ballot(6)),
    accept(ballot(5, "n1"), "b", ballot(6, "n1")),
  );
  assertEquals([refused, stored], [
    { type: "conflict", ballot: ballot(5, "n1") },
    { type: "accepted" },
  ]);
});

Deno.test("step 5: a retransmitted accept is accepted again and changes nothing", () => {
  const request = accept(ballot(1), "a", ballot(2));
  const { after } = acceptorStep(undefined, request);
  assert(after !== undefined);
  assertEquals(acceptorStep(after, request), { reply: { type: "accepted" }, after });
});

Deno.test("step 6: a change has its result when a quorum has accepted it, not before", () => {
  const proposer = proposerOf(3);
  const change = append("a");
  proposer.pending.add(change);
  const records = new Map<string, Promised>();
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  assertEquals(exchange(proposer, request, records, ["n0"]), undefined);
  assert(change.mayHaveHappened);
  assertEquals(resultsOf(exchange(proposer, request, records, ["n2"])), ["a"]);
  assertEquals(proposer.pending.size, 0);
});

Deno.test("a read stores the value that it returns, so that a later read cannot miss it", () => {
  const records = new Map<string, Promised>();
  // A writer stored "a" at one acceptor of three and stopped.
  const { after } = acceptorStep(undefined, accept(ballot(1, "n2"), "a", ballot(2, "n2")));
  records.set("n2", after as Promised);
  const read = (id: string, acceptors: readonly string[]) => {
    const proposer = proposerOf(3, id);
    const change: Change = { mayHaveHappened: false, run: (value) => [value, value] };
    proposer.pending.add(change);
    const first = proposer.begin(ballot(id === "n0" ? 5 : 9));
    const request = requestOf(exchange(proposer, first, records, acceptors));
    const results = resultsOf(exchange(proposer, request, records, acceptors));
    assertEquals(change.mayHaveHappened, false);
    return results;
  };
  assertEquals(read("n0", ["n0", "n2"]), ["a"]);
  assertEquals(read("n1", ["n0", "n1"]), ["a"]);
});

Deno.test("section 2.2.1: the second change of a proposer takes one phase", () => {
  const proposer = proposerOf(3);
  const records = new Map<string, Promised>();
  proposer.pending.add(append("a"));
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0", "n1"]);
  proposer.pending.add(append("b"));
  const second = proposer.begin();
  assertEquals(second.type, "accept");
  assertEquals(resultsOf(exchange(proposer, second, records, ["n1", "n2"])), ["ab"]);
});

Deno.test("section 2.2.1: a rival's prepare ends the short way", () => {
  const proposer = proposerOf(3);
  const records = new Map<string, Promised>();
  proposer.pending.add(append("a"));
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0", "n1"]);
  const rival = proposerOf(3, "n1");
  exchange(rival, rival.begin(ballot(9)), records, ["n1", "n2"]);
  proposer.pending.add(append("b"));
  assertEquals(exchange(proposer, proposer.begin(), records, ["n1", "n2"]), "lost");
  assertEquals(proposer.begin().type, "prepare");
});

/** Lets a change of n0 fail after n0 alone has stored it; returns what a rival then makes of it. */
function interrupted(rivalQuorum: readonly string[]) {
  const records = new Map<string, Promised>();
  const [proposer, rival] = [proposerOf(3), proposerOf(3, "n1")];
  proposer.pending.add(append("a"));
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0"]);
  rival.pending.add(append("b"));
  const next = requestOf(exchange(rival, rival.begin(ballot(5)), records, rivalQuorum));
  exchange(rival, next, records, rivalQuorum);
  assertEquals(exchange(proposer, request, records, ["n1", "n2"]), "lost");
  const first = proposer.begin(ballot(9));
  const second = requestOf(exchange(proposer, first, records, ["n1", "n2"]));
  const results = resultsOf(exchange(proposer, second, records, ["n1", "n2"]));
  assert(second.type === "accept");
  return { results, value: second.state.value };
}

Deno.test("a change that a rival completed is not run again, and keeps its first result", () => {
  assertEquals(interrupted(["n0", "n1", "n2"]), { results: ["a"], value: ["ab"] });
});

Deno.test("a change that a rival passed over runs again", () => {
  assertEquals(interrupted(["n1", "n2"]), { results: ["ba"], value: ["ba"] });
});

const MARKS = [
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
    restart: (record) => ({ ...record, promised: ZERO }),
  }],
  ["an acceptor forgets its states when it restarts", {
    restart: (record) => ({ ...record, accepted: ZERO, state: { value: [], last: {} } }),
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
        ? { ...before, promised: ZERO }
        : before;
      return acceptorStep(lower, request);
    },
  }],
  ["an incarnation repeats the ballots of the one before", {
    incarnation: () => "i0",
    knownBallot: () => undefined,
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
