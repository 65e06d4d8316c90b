import { assert, assertEquals } from "std/testing";
import { type Ballot, compareBallots } from "../../../lib/protocol/consensus/ballot.ts";
import {
  acceptorStep,
  type Change,
  EMPTY,
  type Outcome,
  type Promised,
  Proposer,
  type Reply,
  type Request,
} from "../../../lib/protocol/consensus/caspaxos.ts";

const { promised: LOWEST, accepted: ZERO, state: NOTHING } = EMPTY;
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

/** A proposer whose own acceptor has promised a ballot, which a test may raise. */
function proposerOf(
  nodeCount: number,
  id = "n0",
  own: { promised: Ballot } = { promised: LOWEST },
) {
  const acceptors = Array.from({ length: nodeCount }, (_, index) => `n${index}`);
  const promised = () => own.promised;
  return new Proposer({ acceptors, id, incarnation: "i", promised, sometimes: () => {} });
}

/** A change, and its result when it has one. */
type Tested = Change & { result?: unknown };

function changeOf(run: Change["run"], isRead = false): Tested {
  const change: Tested = {
    run,
    isRead,
    mayHaveHappened: false,
    resolve: (result) => change.result = result,
  };
  return change;
}

function append(text: string): Tested {
  return changeOf((value) => [`${value ?? ""}${text}`, `${value ?? ""}${text}`]);
}

function read(): Tested {
  return changeOf((value) => [value, value], true);
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
  assert(outcome !== undefined && typeof outcome !== "string");
  return outcome;
}

Deno.test("step 2: a proposer's ballots grow, and exceed every ballot that it has seen", () => {
  const own = { promised: LOWEST };
  const proposer = proposerOf(3, "n0", own);
  proposer.pending.add(append("a"));
  const first = proposer.begin();
  const conflict = { type: "conflict", accepted: ZERO, state: NOTHING } as const;
  proposer.receive("n1", first, { ...conflict, ballot: ballot(7, "n1") });
  const second = proposer.begin();
  own.promised = ballot(20, "n2");
  const third = proposer.begin();
  assertEquals([first, second, third].map(({ ballot }) => ballot[0]), [2, 8, 21]);
});

Deno.test("a proposer raises its ballot by the number of its lost rounds", () => {
  const own = { promised: LOWEST };
  const proposer = proposerOf(3, "n0", own);
  proposer.pending.add(append("a"));
  const counters = [0, 1, 2, 3].map(() => {
    const { ballot } = proposer.begin();
    proposer.abandon();
    return ballot[0];
  });
  assertEquals(counters, [2, 4, 7, 11]);
  const records = new Map<string, Promised>();
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n1", "n2"]));
  assertEquals(exchange(proposer, request, records, ["n1", "n2"]), "done");
  proposer.pending.add(append("b"));
  own.promised = ballot(90);
  assertEquals(proposer.begin().ballot[0], 91);
});

Deno.test("a proposer whose acceptor has promised a rival's ballot sends no accept", () => {
  const own = { promised: LOWEST };
  const proposer = proposerOf(3, "n0", own);
  const change = append("a");
  proposer.pending.add(change);
  const request = proposer.begin();
  own.promised = ballot(9, "n1");
  assertEquals(exchange(proposer, request, new Map(), ["n1", "n2"]), "lost");
  assertEquals(change.mayHaveHappened, false);
});

Deno.test("step 2: two incarnations of a node have no ballot in common", () => {
  const settings = { acceptors: ["n0"], id: "n0", promised: () => LOWEST, sometimes: () => {} };
  const [one, two] = ["a", "b"].map((incarnation) => {
    const proposer = new Proposer({ ...settings, incarnation });
    proposer.pending.add(append("a"));
    return proposer.begin().ballot;
  });
  assert(one !== undefined && two !== undefined);
  assert(compareBallots(one, two) !== 0);
});

Deno.test("step 3: an acceptor refuses a ballot below the one that it promised", () => {
  assertEquals(
    replies({ type: "prepare", ballot: ballot(5) }, { type: "prepare", ballot: ballot(4) }),
    [
      { type: "promise", accepted: ZERO, state: NOTHING },
      { type: "conflict", ballot: ballot(5), accepted: ZERO, state: NOTHING },
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
  const proposer = proposerOf(3, "n0", { promised: ballot(3, "n1") });
  proposer.pending.add(append("c"));
  const records = new Map<string, Promised>();
  const store = (acceptor: string, request: Request) => {
    const { after } = acceptorStep(records.get(acceptor), request);
    if (after !== undefined) records.set(acceptor, after);
  };
  store("n1", accept(ballot(2, "n1"), "b", ballot(3, "n1")));
  store("n2", accept(ballot(1, "n2"), "a", ballot(2, "n2")));
  const request = proposer.begin();
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
    { type: "conflict", ballot: ballot(5, "n1"), accepted: ZERO, state: NOTHING },
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
  assertEquals(exchange(proposer, request, records, ["n2"]), "done");
  assertEquals([change.result, proposer.pending.size], ["a", 0]);
});

/** The records of acceptors that have each accepted a state, given its ballot's counter and value. */
function recordsOf(accepted: Readonly<Record<string, readonly [counter: number, value: string]>>) {
  return new Map(
    Object.entries(accepted).map(([acceptor, [counter, value]]) => {
      const request = accept(ballot(counter, "n2"), value, ballot(counter + 1, "n2"));
      return [acceptor, acceptorStep(undefined, request).after as Promised];
    }),
  );
}

Deno.test("a read takes the state that a quorum has accepted with one ballot, and stores nothing", () => {
  const records = recordsOf({ n0: [1, "a"], n1: [2, "b"], n2: [2, "b"] });
  const before = new Map(records);
  const proposer = proposerOf(3);
  const change = read();
  proposer.pending.add(change);
  const request = proposer.begin();
  assertEquals(exchange(proposer, request, records, ["n0", "n1"]), undefined);
  assertEquals(exchange(proposer, request, records, ["n2"]), "done");
  assertEquals(change.result, "b");
  assertEquals(records, before);
});

Deno.test("a read of a key that was never written takes one round", () => {
  const proposer = proposerOf(3);
  const change = read();
  proposer.pending.add(change);
  const records = new Map<string, Promised>();
  assertEquals(exchange(proposer, proposer.begin(), records, ["n0", "n1"]), "done");
  assertEquals([change.result, proposer.pending.size, records.size], [undefined, 0, 0]);
});

Deno.test("a read stores a value that one acceptor has, so that a later read cannot miss it", () => {
  // A writer stored "a" at one acceptor of three and stopped.
  const records = recordsOf({ n2: [2, "a"] });
  const readAt = (id: string, acceptors: readonly string[]) => {
    const proposer = proposerOf(3, id, { promised: ballot(id === "n0" ? 5 : 9) });
    const change = read();
    proposer.pending.add(change);
    let outcome = exchange(proposer, proposer.begin(), records, acceptors);
    if (outcome === undefined) {
      assertEquals(proposer.abandon(), "lost");
      const accept = requestOf(exchange(proposer, proposer.begin(), records, acceptors));
      outcome = exchange(proposer, accept, records, acceptors);
    }
    assertEquals([outcome, change.mayHaveHappened], ["done", false]);
    return change.result;
  };
  assertEquals(readAt("n0", ["n0", "n2"]), "a");
  assertEquals(readAt("n1", ["n0", "n1"]), "a");
});

Deno.test("a read that arrives after the request does not rely on its replies", () => {
  const records = recordsOf({ n0: [2, "a"], n1: [2, "a"] });
  const proposer = proposerOf(3);
  const [early, late] = [read(), read()];
  proposer.pending.add(early);
  const request = proposer.begin();
  proposer.pending.add(late);
  assertEquals(exchange(proposer, request, records, ["n0", "n1"]), "done");
  assertEquals([early.result, late.result, proposer.pending.has(late)], ["a", undefined, true]);
});

Deno.test("a change that keeps the value has its result although its round is lost", () => {
  const records = recordsOf({ n0: [2, "a"], n1: [2, "a"], n2: [2, "a"] });
  const rival = proposerOf(3, "n1", { promised: ballot(9) });
  rival.pending.add(append("b"));
  exchange(rival, rival.begin(), records, ["n0", "n1", "n2"]);
  const proposer = proposerOf(3);
  const [keeps, changes] = [changeOf((value) => [value, `not ${value}`]), append("c")];
  proposer.pending.add(keeps).add(changes);
  assertEquals(exchange(proposer, proposer.begin(), records, ["n0", "n1", "n2"]), "lost");
  assertEquals([keeps.result, [...proposer.pending]], ["not a", [changes]]);
});

Deno.test("a change that an acceptor may store has no result without its accept", () => {
  const records = new Map<string, Promised>();
  const proposer = proposerOf(3);
  const change = changeOf((value) => value === undefined ? ["a", "written"] : [value, "kept"]);
  proposer.pending.add(change);
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0"]);
  proposer.abandon();
  // The rival completes the change. Its next state hides which value the change has seen.
  const rival = proposerOf(3, "n1", { promised: ballot(9) });
  rival.pending.add(append("b"));
  const next = requestOf(exchange(rival, rival.begin(), records, ["n0", "n1", "n2"]));
  exchange(rival, next, records, ["n0", "n1", "n2"]);
  assertEquals(exchange(proposer, proposer.begin(), records, ["n0", "n1", "n2"]), "lost");
  assertEquals(change.result, undefined);
  const second = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1", "n2"]));
  exchange(proposer, second, records, ["n0", "n1", "n2"]);
  assertEquals(change.result, "written");
});

Deno.test("section 2.2.1: the second change of a proposer takes one phase", () => {
  const proposer = proposerOf(3);
  const records = new Map<string, Promised>();
  proposer.pending.add(append("a"));
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0", "n1"]);
  const change = append("b");
  proposer.pending.add(change);
  const second = proposer.begin();
  assertEquals([second.type, exchange(proposer, second, records, ["n1", "n2"])], [
    "accept",
    "done",
  ]);
  assertEquals(change.result, "ab");
});

Deno.test("section 2.2.1: a rival's prepare ends the short way", () => {
  const proposer = proposerOf(3);
  const records = new Map<string, Promised>();
  proposer.pending.add(append("a"));
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0", "n1"]);
  const rival = proposerOf(3, "n1", { promised: ballot(9) });
  rival.pending.add(append("c"));
  exchange(rival, rival.begin(), records, ["n1", "n2"]);
  proposer.pending.add(append("b"));
  assertEquals(exchange(proposer, proposer.begin(), records, ["n1", "n2"]), "lost");
  assertEquals(proposer.begin().type, "prepare");
});

/** Lets a change of n0 fail after n0 alone has stored it; returns what a rival then makes of it. */
function interrupted(rivalQuorum: readonly string[]) {
  const records = new Map<string, Promised>();
  const own = { promised: LOWEST };
  const proposer = proposerOf(3, "n0", own);
  const rival = proposerOf(3, "n1", { promised: ballot(5) });
  const change = append("a");
  proposer.pending.add(change);
  const request = requestOf(exchange(proposer, proposer.begin(), records, ["n0", "n1"]));
  exchange(proposer, request, records, ["n0"]);
  rival.pending.add(append("b"));
  const next = requestOf(exchange(rival, rival.begin(), records, rivalQuorum));
  exchange(rival, next, records, rivalQuorum);
  assertEquals(exchange(proposer, request, records, ["n1", "n2"]), "lost");
  own.promised = ballot(9);
  const first = proposer.begin();
  const second = requestOf(exchange(proposer, first, records, ["n1", "n2"]));
  assertEquals(exchange(proposer, second, records, ["n1", "n2"]), "done");
  assert(second.type === "accept");
  return { result: change.result, value: second.state.value };
}

Deno.test("a change that a rival completed is not run again, and keeps its first result", () => {
  assertEquals(interrupted(["n0", "n1", "n2"]), { result: "a", value: ["ab"] });
});

Deno.test("a change that a rival passed over runs again", () => {
  assertEquals(interrupted(["n1", "n2"]), { result: "ba", value: ["ba"] });
});
