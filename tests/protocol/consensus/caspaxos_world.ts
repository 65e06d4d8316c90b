/**
 * One register on a network that delivers, repeats and loses messages in any order, with nodes that
 * restart at any time: the pure parts of CASPaxos under random schedules. Each change appends its own
 * name to a list, so that the chosen lists show what was applied, how often, and in which order.
 *
 * @module
 */

import { Random } from "../../../lib/base/mod.ts";
import { type Ballot, compareBallots } from "../../../lib/protocol/consensus/ballot.ts";
import {
  acceptorStep,
  type Change,
  EMPTY,
  type Promised,
  Proposer,
  type Reply,
  type Request,
} from "../../../lib/protocol/consensus/caspaxos.ts";

/** What a test may replace by a broken version. */
export interface Parts {
  readonly step?: typeof acceptorStep;
  /** What an acceptor still has after a restart. */
  readonly restart?: (record: Promised) => Promised;
  /** The incarnation's name after a number of restarts. */
  readonly incarnation?: (restarts: number) => string;
  /** The acceptors that a proposer believes to be all. */
  readonly believed?: (acceptors: readonly string[], self: string) => readonly string[];
  /** The ballot above which a proposer begins, given what its own acceptor promised. */
  readonly knownBallot?: (promised: Ballot) => Ballot;
  readonly createProposer?: (settings: ConstructorParameters<typeof Proposer>[0]) => Proposer;
}

interface Delivery {
  readonly deliver: () => void;
}

interface Operation {
  readonly name: string;
  readonly change: Change;
  /** The longest list that was acknowledged before the operation began. */
  readonly lengthBefore: number;
  result: readonly string[] | undefined;
}

class Node {
  proposer: Proposer;
  request: Request | undefined;
  restarts = 0;

  constructor(readonly id: string, readonly create: (restarts: number) => Proposer) {
    this.proposer = create(0);
  }
}

const MAX_STEPS = 300;
const OPERATIONS = 12;

/** Runs a random schedule; returns what is wrong with its outcome, undefined for nothing. */
export function runSchedule(seed: number, parts: Parts = {}, reached = new Set<string>()) {
  const random = new Random(`caspaxos ${seed}`);
  const { step = acceptorStep, restart = (record) => record } = parts;
  const { incarnation = (restarts) => `i${restarts}`, believed = (ids) => ids } = parts;
  const { knownBallot = (promised) => promised } = parts;
  const { createProposer = (settings) => new Proposer(settings) } = parts;
  const ids = ["n0", "n1", "n2", "n3", "n4"].slice(0, random.pick([1, 2, 3, 3, 3, 5]));
  const acceptors = new Map<string, Promised>();
  const nodes = ids.map((id) =>
    new Node(id, (restarts) =>
      createProposer({
        acceptors: believed(ids, id),
        id,
        incarnation: incarnation(restarts),
        promised: () => knownBallot((acceptors.get(id) ?? EMPTY).promised),
        sometimes: (text) => reached.add(text),
      }))
  );
  const network: Delivery[] = [];
  const operations: Operation[] = [];
  const chosen: { ballot: Ballot; list: readonly string[] }[] = [];
  let longest = 0;

  const submit = (node: Node) => {
    const name = `op${operations.length}`;
    const isRead = random.chance(0.2);
    const change: Change = {
      isRead,
      mayHaveHappened: false,
      run(value) {
        const list = (value ?? []) as string[];
        const next = isRead ? value : [...list, name];
        return [next, next ?? []];
      },
      resolve(result) {
        if (operation.result !== undefined) return;
        operation.result = result as string[];
        longest = Math.max(longest, operation.result.length);
      },
    };
    const operation: Operation = {
      name: isRead ? "" : name,
      change,
      lengthBefore: longest,
      result: undefined,
    };
    operations.push(operation);
    node.proposer.pending.add(change);
  };

  const sendAll = (node: Node, request: Request) => {
    node.request = request;
    const { proposer } = node;
    for (const acceptor of believed(ids, node.id)) {
      network.push({
        deliver() {
          const { reply, after } = step(acceptors.get(acceptor), request);
          if (after !== undefined) acceptors.set(acceptor, after);
          network.push({ deliver: () => receive(node, proposer, acceptor, request, reply) });
        },
      });
    }
  };

  const receive = (
    node: Node,
    proposer: Proposer,
    acceptor: string,
    request: Request,
    reply: Reply,
  ) => {
    if (proposer !== node.proposer) return;
    const outcome = proposer.receive(acceptor, request, reply);
    if (outcome === undefined) return;
    node.request = undefined;
    if (outcome === "lost") return;
    if (outcome !== "done") return sendAll(node, outcome);
    if (request.type !== "accept") return;
    chosen.push({ ballot: request.ballot, list: (request.state.value[0] ?? []) as string[] });
  };

  const begin = (node: Node) => {
    if (node.request !== undefined) node.proposer.abandon();
    if (node.proposer.pending.size === 0) return;
    sendAll(node, node.proposer.begin());
  };

  for (let count = 0; count < MAX_STEPS; count++) {
    const node = random.pick(nodes);
    const chance = random.next();
    if (chance < 0.06 && operations.length < OPERATIONS) submit(node);
    else if (chance < 0.1) begin(node);
    else if (chance < 0.14) {
      node.proposer = node.create(++node.restarts);
      node.request = undefined;
      const record = acceptors.get(node.id);
      if (record !== undefined) acceptors.set(node.id, restart(record));
      // A new incarnation that begins immediately meets the messages of the one before.
      if (random.chance(0.5)) {
        submit(node);
        begin(node);
      }
    } else if (node.request === undefined && node.proposer.pending.size > 0) begin(node);
    else if (network.length > 0) {
      const index = random.integer(network.length);
      const [delivery] = chance < 0.18 ? [network[index]] : network.splice(index, 1);
      if (chance < 0.95) delivery?.deliver();
    }
  }

  network.length = 0;
  const last = nodes[0] as Node;
  const finish = () => {
    for (let round = 0; round < 50 && last.proposer.pending.size > 0; round++) {
      begin(last);
      while (network.length > 0) network.shift()?.deliver();
    }
  };
  // A last operation, which begins after all others, sees everything that was chosen.
  finish();
  submit(last);
  finish();
  return problemOf(operations, chosen);
}

function problemOf(
  operations: readonly Operation[],
  chosen: { ballot: Ballot; list: readonly string[] }[],
): string | undefined {
  const last = operations.at(-1)?.result;
  if (last === undefined) return "the last change had no result on a healthy network";
  chosen.sort((a, b) => compareBallots(a.ballot, b.ballot));
  const lists = chosen.map(({ list }) => list);
  for (const [index, list] of lists.entries()) {
    const previous = lists[index - 1] ?? [];
    if (previous.some((name, at) => list[at] !== name)) {
      return `${list} does not follow ${previous}`;
    }
  }
  const repeated = last.find((name, index) => last.indexOf(name) !== index);
  if (repeated !== undefined) return `${repeated} was applied twice`;
  for (const { name, change, result, lengthBefore } of operations) {
    if (name !== "" && last.includes(name) && !change.mayHaveHappened) {
      return `${name} was applied, although it cannot have happened`;
    }
    if (result === undefined) continue;
    if (result.some((item, at) => last[at] !== item)) return `${result} is not a part of ${last}`;
    if (result.length < lengthBefore) return `${name || "a read"} returned an old list, ${result}`;
    if (name !== "" && result.at(-1) !== name) return `${name} has the result ${result}`;
  }
  return undefined;
}
