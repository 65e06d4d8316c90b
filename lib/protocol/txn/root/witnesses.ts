/**
 * Whether what this node knows is the newest there is, found out without asking the store.
 *
 * A transaction that only reads has to see all that was answered before its client asked. What was
 * answered, some node knew: it is part of the history that the node has read or made. So if every
 * other node has said, after the client asked, how much of the history it knows, and this node
 * knows as much, then nothing is missing. What others commit from then on, they commit after the
 * client asked, and the transaction takes effect before that.
 *
 * No clock is needed to tell that a statement was made after the client asked: with each answer to
 * another node goes a mark, which that node's next statement repeats. What came in before the mark
 * went out, came before the statement. And the node that hands a transaction over makes its
 * statement with it. So in a cluster of two, what the other node hands over to be read costs no
 * word to the store, and what this one's clients read waits for the other node to say something
 * anyway.
 *
 * Lives: a node knows nothing before it has read the root, and makes no statement until then; what
 * an earlier life of it knew was in the root by then. What an earlier life was about to commit,
 * nobody has been told. Marks of different lives differ (they begin at random).
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** What a node says of itself. */
export interface Statement {
  /** How many writes of the history it knows; undefined as long as it has not read the root. */
  readonly known: number | undefined;
  /** The last mark that it has had from the node to which it says this. */
  readonly mark: number | undefined;
}

/** A node has nothing to say to itself. */
export const TO_ITSELF: Statement = { known: 0, mark: undefined };

/** Who wants to read, and since when. */
export interface Reader {
  /** The node that handed it over. */
  readonly sender: string;
  /** What that node said to know when it did. */
  readonly known: number | undefined;
  /** A moment after the client had asked: marks that go out from then on are greater. */
  readonly since: number;
}

/** Marks begin below this: far from the end of the integers, and rarely twice at the same place. */
const FIRST_MARKS = 2 ** 48;

/** What other nodes have said. */
export class Witnesses {
  readonly #node: Pick<Node, "peers">;
  /** Rises with all that this node does. */
  #moment: number;
  /** The last mark that went to each node. */
  readonly #marks = new Map<string, number>();
  /** What each node knew at a time after a moment. */
  readonly #statements = new Map<string, { readonly after: number; readonly known: number }>();

  constructor(node: Pick<Node, "peers" | "random">) {
    this.#node = node;
    this.#moment = Math.floor(FIRST_MARKS * node.random());
  }

  /** A mark that goes to a node with an answer that is sent now. */
  markFor(node: string): number {
    const mark = ++this.#moment;
    this.#marks.set(node, mark);
    return mark;
  }

  /** A node has said something; nothing that is lost, late or repeated does harm. */
  heard(node: string, { known, mark }: Statement): void {
    if (known === undefined || mark === undefined || this.#marks.get(node) !== mark) return;
    this.#statements.set(node, { after: mark, known });
  }

  /** A reader whose transaction comes in now, with this statement. */
  reader(sender: string, { known }: Statement): Reader {
    return { sender, known, since: ++this.#moment };
  }

  /** Whether a history of this length holds all that a reader has to see. */
  confirm(length: number, { sender, known, since }: Reader): boolean {
    if (known === undefined || known > length) return false;
    return this.#node.peers.every((peer) => {
      if (peer === sender) return true;
      const statement = this.#statements.get(peer);
      return statement !== undefined && statement.after >= since && statement.known <= length;
    });
  }
}
