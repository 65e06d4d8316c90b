import { assert, assertEquals } from "std/testing";
import {
  decodeToken,
  encodeToken,
  senderOf,
  Subjects,
} from "../../../lib/transport/nats/subjects.ts";

const IDS = ["n0", "a.b", "*", ">", "", " ", "=2a", "é", "n 0", "\u{1f600}", "A_b-9", "="];

Deno.test("every id is one token of a subject, of which it can be read back", () => {
  for (const id of IDS) {
    const token = encodeToken(id);
    assert(/^[A-Za-z0-9_=-]+$/.test(token), token);
    assertEquals(decodeToken(token), id);
  }
  assertEquals(new Set(IDS.map(encodeToken)).size, IDS.length);
});

Deno.test("a token that no id has is not decoded", () => {
  for (const token of ["=6e0", "=zz", "=ff", "=2A", "*", ">", "é", "=e9"]) {
    assertEquals(decodeToken(token), undefined, token);
  }
});

Deno.test("the subject of a message names its sender", () => {
  const subjects = new Subjects("c1");
  assertEquals(subjects.message("n1", "n0"), "maelstrom.c1.msg.n1.n0");
  for (const id of IDS) assertEquals(senderOf(subjects.message("n1", id)), id);
});

Deno.test("a node may publish as itself only, and may not control a node", () => {
  const subjects = new Subjects("c1");
  const { publish, subscribe } = subjects.permissions("n0");
  const mayPublish = (subject: string) => publish.allow.some((pattern) => covers(pattern, subject));
  const maySubscribe = (subject: string) =>
    subscribe.allow.some((pattern) => covers(pattern, subject));
  assert(mayPublish(subjects.message("n1", "n0")));
  assert(mayPublish(subjects.service("lin-kv", "n0")));
  assert(mayPublish(subjects.service("n0", "lin-kv")));
  assert(mayPublish(subjects.timestamp));
  assert(!mayPublish(subjects.message("n1", "n2")));
  assert(!mayPublish(subjects.service("n1", "lin-kv")));
  assert(!mayPublish(subjects.control("n0")));
  assert(!mayPublish(subjects.control("n1")));
  assert(!mayPublish(subjects.call("n1")));
  assert(!mayPublish(new Subjects("c2").message("n1", "n0")));
  assert(maySubscribe(subjects.message("n0", "n1")));
  assert(maySubscribe(`${subjects.replies("n0")}.1.2`));
  assert(!maySubscribe(subjects.message("n1", "n2")));
  assert(!maySubscribe(`${subjects.replies("n1")}.1.2`));
});

/** Whether a pattern of NATS matches a subject. */
function covers(pattern: string, subject: string): boolean {
  const tokens = subject.split(".");
  const parts = pattern.split(".");
  for (const [index, part] of parts.entries()) {
    if (part === ">") return tokens.length > index;
    if (tokens[index] === undefined || (part !== "*" && part !== tokens[index])) return false;
  }
  return parts.length === tokens.length;
}
