/**
 * Plays transcripts of the Raft state machine, without a driver, and with perfect disks: the figures
 * of the paper. The form is that of `tests/transcripts`.
 *
 * Members come first: `member NAME [TERM…]`, with the terms of the entries in its log. Then `term N`
 * starts all of them, each in that term.
 *
 * | Command | |
 * |---|---|
 * | `timeout NAME` | the member's election timeout passes |
 * | `deliver [NAME…]` | delivers the messages between these members, and those that they cause |
 * | `votes` | delivers the messages of elections only |
 * | `lose` | loses all messages on their way |
 * | `propose NAME TEXT` | a client's command |
 * | `heartbeats` | lets the time between heartbeats pass |
 * | `crash NAME`, `restart NAME` | stops a member, or starts it from its disk |
 *
 * @module
 */

import { Random } from "../../../../lib/base/mod.ts";
import type { RaftMessage } from "../../../../lib/protocol/consensus/raft/types.ts";
import { readSteps, withOutput } from "../../../transcripts/script.ts";
import { Cluster, type InFlight, type Member, TIMING } from "./cluster.ts";
import { logOf } from "./scenes.ts";

/** Returns a transcript with what its commands show now. Throws for a command that it cannot play. */
export function rewritten(file: string, text: string): string {
  const scene = new Scene();
  const outputs = readSteps(file, text).map(({ command, line }) => {
    try {
      return scene.play(command.split(/\s+/));
    } catch (error) {
      throw new Error(`${file}:${line}: ${(error as Error).message}`, { cause: error });
    }
  });
  return withOutput(text, outputs);
}

class Scene {
  readonly #logs = new Map<string, number[]>();
  readonly #states = new Map<string, string>();
  #cluster: Cluster | undefined;
  #sent = new Set<InFlight>();

  play([name = "", ...args]: string[]): string[] {
    if (name === "member") {
      this.#logs.set(args[0] as string, args.slice(1).map(Number));
      return [];
    }
    if (name === "term") {
      this.#start(Number(args[0]));
      return [];
    }
    const cluster = this.#cluster;
    if (cluster === undefined) throw new Error("a transcript starts with members and their term");
    this.#act(cluster, name, args);
    return [...this.#messages(cluster), ...this.#changes(cluster)];
  }

  #start(term: number): void {
    const random = new Random(1);
    const recovered = Object.fromEntries(
      [...this.#logs].map(([id, terms]) => [id, { term, entries: logOf(...terms) }]),
    );
    const members = [...this.#logs.keys()];
    this.#cluster = new Cluster(members, { random: () => random.next(), recovered });
    this.#changes(this.#cluster);
  }

  #act(cluster: Cluster, name: string, args: readonly string[]): void {
    const [id = ""] = args;
    switch (name) {
      case "timeout":
        // Members vote only when they have received nothing from a leader for an election timeout.
        cluster.now += 2 * TIMING.electionMs;
        return cluster.timeOut(id);
      case "deliver":
        return cluster.deliver(({ from, to }) =>
          args.length === 0 || (args.includes(from) && args.includes(to))
        );
      case "votes":
        return cluster.deliver(({ message: { type } }) =>
          type === "request_vote" || type === "vote"
        );
      case "lose":
        return cluster.drop();
      case "propose":
        return cluster.propose(id, args.slice(1).join(" "));
      case "heartbeats":
        return cluster.advance(TIMING.heartbeatMs);
      case "crash":
        return cluster.crash(id);
      case "restart":
        return cluster.restart(id);
      default:
        throw new Error(`unknown command "${name}"`);
    }
  }

  /** The messages that were sent since the last command; those that were delivered, too. */
  #messages({ history }: Cluster): string[] {
    const sent = history.filter((message) => !this.#sent.has(message));
    this.#sent = new Set(history);
    return sent.map(({ from, to, message }) => `     ${from} → ${to}  ${describe(message)}`);
  }

  /** The members whose state has changed since the last command. */
  #changes({ members }: Cluster): string[] {
    return [...members].flatMap(([id, member]) => {
      const state = stateOf(member);
      if (this.#states.get(id) === state) return [];
      this.#states.set(id, state);
      return [`        ${id} ${state}`];
    });
  }
}

function stateOf({ raft, isDown }: Member): string {
  if (isDown) return "down";
  const { role, term, commit, log } = raft;
  const terms = Array.from({ length: log.lastIndex }, (_, index) => log.termAt(index + 1));
  return `${role}, term ${term}, log ${terms.join(" ") || "empty"}, commit ${commit}`;
}

function describe(message: RaftMessage): string {
  const { type, ...fields } = message;
  const items = Object.entries(fields).filter(([name]) => name !== "round").map(([name, value]) => {
    const shown = Array.isArray(value) ? value.map(({ term }) => term).join(" ") || "none" : value;
    return `${name}=${shown}`;
  });
  return [type, ...items].join(" ");
}
