/**
 * Integers that JSON writes as a fraction or with an exponent: `1.0`, `1e3`.
 *
 * JavaScript does not distinguish `1.0` from `1`. Maelstrom and Jepsen do: they parse the first as a
 * floating-point number, which never equals an integer. So a reply with `in_reply_to: 1.0` matches no
 * request, and a read of `1.0` does not contain the element `1`. The workbench therefore keeps the
 * difference in the messages of nodes and in histories.
 *
 * @module
 */

type WithRawJson = typeof JSON & { rawJSON(text: string): unknown };

/** An integer that was written as a fraction or with an exponent. Serialises as a fraction again. */
export class Double {
  constructor(readonly value: number) {}

  /** Makes `<` and `>` compare by value. */
  valueOf(): number {
    return this.value;
  }

  /** Returns the number as JSON and EDN: equal values give equal texts. */
  toString(): string {
    const digits = String(this.value);
    return digits.includes("e") ? digits : `${digits}.0`;
  }

  /** As {@link toString}, for `JSON.stringify`. */
  toJSON(): unknown {
    return (JSON as WithRawJson).rawJSON(this.toString());
  }
}
