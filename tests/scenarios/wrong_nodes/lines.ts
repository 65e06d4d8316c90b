/**
 * Odd lines that a node writes around, or instead of, its replies to echo.
 *
 * @module
 */

import { type JsonObject, stringifyJson } from "../../../lib/base/mod.ts";

/** A reply as a whole message. */
export interface ReplyMessage {
  readonly src: string;
  readonly dest: string;
  readonly body: JsonObject;
}

/** A kind of odd output. */
export interface OddLine {
  /** Completes the sentence "The node …". */
  readonly name: string;
  /** Returns the lines that the node writes for a reply. */
  readonly lines: (reply: ReplyMessage) => readonly string[];
  /** Whether the replies to init are odd, too; false by default. */
  readonly fromInit?: boolean;
  /** The expected verdict; invalid by default, `start` if the test cannot begin. */
  readonly verdict?: true | "start";
}

const text = stringifyJson;

/** Returns a reply with other fields in its body. */
const withBody = (name: string, fields: (body: JsonObject) => JsonObject): OddLine => ({
  name,
  lines: (reply) => [text({ ...reply, body: { ...reply.body, ...fields(reply.body) } })],
});

/** Returns a line beside the reply. */
const beside = (name: string, line: (reply: ReplyMessage) => string): OddLine => ({
  name,
  lines: (reply) => [line(reply), text(reply)],
});

/** Returns another message instead of the reply. */
const instead = (name: string, message: (reply: ReplyMessage) => unknown): OddLine => ({
  name,
  lines: (reply) => [text(message(reply))],
});

/** All kinds of odd output. */
export const ODD_LINES: readonly OddLine[] = [
  beside("writes a blank line", () => ""),
  beside("writes a line of blanks", () => " \t "),
  beside("writes a text", () => "received a message"),
  beside("writes a number", () => "7"),
  beside("writes null", () => "null"),
  beside("writes an array", (reply) => text([reply])),
  beside("writes the beginning of an object", (reply) => text(reply).slice(0, -1)),
  beside("writes NaN as a value", ({ src }) => `{"src":"${src}","dest":"${src}","body":{"x":NaN}}`),
  beside("writes to a node that does not exist", (reply) => text({ ...reply, dest: "n77" })),
  beside("writes to a service that does not exist", (reply) => text({ ...reply, dest: "kv" })),
  beside("writes as a node that does not exist", (reply) => text({ ...reply, src: "n77" })),
  beside("writes without src", ({ dest, body }) => text({ dest, body })),
  beside("writes with src null", (reply) => text({ ...reply, src: null })),
  beside("writes without dest", ({ src, body }) => text({ src, body })),
  beside("writes with a number as dest", (reply) => text({ ...reply, dest: 0 })),
  beside("writes with a list as dest", (reply) => text({ ...reply, dest: [reply.dest] })),
  beside("writes without a body", ({ src, dest }) => text({ src, dest })),
  beside("writes with a text as body", (reply) => text({ ...reply, body: "echo_ok" })),
  beside("writes with an unknown field", (reply) => text({ ...reply, time: 1 })),
  beside("writes a text as id", (reply) => text({ ...reply, id: "7" })),
  beside("writes 1.0 as id", (reply) => text({ ...reply, id: 7 }).replace(/7\}$/, "7.0}")),
  { ...beside("writes an id", (reply) => text({ ...reply, id: 7 })), verdict: true },
  beside(
    "writes JSON that is nested very deep",
    ({ src }) => `{"src":"${src}","dest":"${src}","body":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  ),
  {
    name: "begins with a byte-order mark",
    lines: (reply) => [`\ufeff${text(reply)}`],
    fromInit: true,
    verdict: "start",
  },
  {
    name: "begins each line with a byte-order mark after init",
    lines: (reply) => [`\ufeff${text(reply)}`],
  },
  {
    name: "ends lines with CRLF",
    lines: (reply) => [`${text(reply)}\r`],
    fromInit: true,
    verdict: true,
  },
  {
    name: "writes blanks around its messages",
    lines: (reply) => [` \t${text(reply)}  `],
    fromInit: true,
    verdict: true,
  },
  { name: "writes a NUL after its messages", lines: (reply) => [`${text(reply)}\0`] },
  { name: "writes two messages a line", lines: (reply) => [`${text(reply)} ${text(reply)}`] },
  { name: "writes a message and a text a line", lines: (reply) => [`${text(reply)} sent`] },
  {
    name: "writes a message over several lines",
    lines: (reply) => text(reply, 2).split("\n"),
    fromInit: true,
    verdict: "start",
  },
  {
    name: "writes a message over several lines after init",
    lines: (reply) => text(reply, 2).split("\n"),
  },
  {
    name: "writes single quotes",
    lines: (reply) => [text(reply).replaceAll('"', "'")],
    fromInit: true,
    verdict: "start",
  },
  instead("replies as another node", (reply) => ({
    ...reply,
    src: reply.src === "n0" ? "n1" : "n0",
  })),
  { ...instead("replies to itself", (reply) => ({ ...reply, dest: reply.src })), verdict: true },
  {
    ...instead("replies to a former client", (reply) => ({ ...reply, dest: "c0" })),
    verdict: true,
  },
  instead("replies to a client that never was", (reply) => ({ ...reply, dest: "c999" })),
  {
    name: "replies with in_reply_to 1.0",
    lines: (reply) => [text(reply).replace(/("in_reply_to":[0-9]+)/, "$1.0")],
  },
  withBody(
    "replies with in_reply_to as a text",
    ({ in_reply_to: id }) => ({ in_reply_to: String(id) }),
  ),
  withBody("replies without in_reply_to", () => ({ in_reply_to: null })),
  {
    ...withBody("replies to the request before", ({ in_reply_to: id }) => ({
      in_reply_to: (id as number) - 1,
    })),
    verdict: true,
  },
  withBody("replies with msg_id 1.5", () => ({ msg_id: 1.5 })),
  withBody("replies with a text as msg_id", () => ({ msg_id: "1" })),
  { ...withBody("replies with an integer as msg_id", () => ({ msg_id: 1 })), verdict: true },
  withBody("replies with a list as type", () => ({ type: ["echo_ok"] })),
  { name: "replies twice", lines: (reply) => [text(reply), text(reply)], verdict: true },
  {
    name: "repeats the key echo, first with another value",
    lines: (reply) => [text(reply).replace('"echo":', '"echo":1,"echo":')],
    verdict: true,
  },
];
