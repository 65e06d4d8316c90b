/**
 * Three members of a Raft cluster in one process, without Maelstrom: a bank account that survives the
 * loss of its leader. `tests/examples/raft_test.ts` runs it.
 *
 * The transport is a queue in memory here. Over a network it is a connection to each other member that
 * carries JSON; a lost message does no harm.
 *
 * @module
 */

import type {
  Clock,
  Json,
  RaftServerOptions,
  ServerMessage,
  StateMachine,
} from "../lib/protocol/consensus/raft/mod.ts";
import { MemoryStorage, RaftServer } from "../lib/protocol/consensus/raft/mod.ts";

/** An account: a command is an amount to add, refused if the balance would become negative. */
export class Account implements StateMachine {
  #balance = 0;

  apply(amount: Json): Json {
    if (this.#balance + Number(amount) < 0) return { refused: `the balance is ${this.#balance}` };
    this.#balance += Number(amount);
    return { balance: this.#balance };
  }

  query(): Json {
    return { balance: this.#balance };
  }

  snapshot(): Json {
    return this.#balance;
  }

  restore(balance: Json): void {
    this.#balance = Number(balance);
  }
}

/** What the members need from their surroundings. */
export type Surroundings = Pick<RaftServerOptions, "random" | "fail"> & { readonly clock: Clock };

/** A cluster in memory, whose members can be stopped. */
export class AccountCluster {
  readonly #members = new Map<string, RaftServer>();
  readonly #surroundings: Surroundings;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Starts members with these ids. */
  async start(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const transport = {
        send: (to: string, message: ServerMessage) => this.#deliver(id, to, message),
      };
      const server = await RaftServer.start({
        ...this.#surroundings,
        id,
        members: ids,
        incarnation: `${id} ${this.#surroundings.random()}`,
        machine: new Account(),
        storage: new MemoryStorage(),
        transport,
      });
      this.#members.set(id, server);
    }
  }

  /** Returns a running member. */
  member(id: string): RaftServer {
    const member = this.#members.get(id);
    if (member === undefined) throw new RangeError(`member "${id}" does not run`);
    return member;
  }

  /** The running members. */
  get running(): readonly string[] {
    return [...this.#members.keys()];
  }

  /** Stops a member, as a crash does. */
  stop(id: string): void {
    this.member(id).stop();
    this.#members.delete(id);
  }

  #deliver(from: string, to: string, message: ServerMessage): void {
    const copy: ServerMessage = JSON.parse(JSON.stringify(message));
    this.#surroundings.clock.after(1, () => this.#members.get(to)?.receive(from, copy));
  }
}

/** Runs the example; `print` receives its lines. */
export async function run(surroundings: Surroundings, print: (line: string) => void) {
  const cluster = new AccountCluster(surroundings);
  await cluster.start(["a", "b", "c"]);
  // Any member takes a request, and forwards it to the leader.
  print(`deposit 100: ${JSON.stringify(await cluster.member("a").execute(100))}`);
  print(`withdraw 30: ${JSON.stringify(await cluster.member("b").execute(-30))}`);
  const { leader = "a", term } = cluster.member("a").state;
  print(`the leader of term ${term} crashes`);
  cluster.stop(leader);
  const [survivor = "a", other = "b"] = cluster.running;
  print(`withdraw 80: ${JSON.stringify(await cluster.member(survivor).execute(-80))}`);
  print(`read: ${JSON.stringify(await cluster.member(other).query(null))}`);
  for (const id of cluster.running) cluster.stop(id);
}
