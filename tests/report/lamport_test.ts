import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { lamportSvg, lamportText, type NetworkEvent } from "../../lib/report/mod.ts";
import { layOutLamport } from "../../lib/report/lamport.ts";

function event(
  type: "send" | "recv",
  milliseconds: number,
  id: number,
  src: string,
  dest: string,
  body: unknown = { type: `m${id}` },
): NetworkEvent {
  return { type, time: milliseconds * 1e6, id, message: { src, dest, body } };
}

/** A request, a delayed message, a lost one and a duplicated one. */
const events = [
  event("send", 0, 0, "c1", "n10"),
  event("recv", 0, 0, "c1", "n10"),
  event("send", 1, 1, "n10", "n2"),
  event("send", 2, 2, "n2", "n10"),
  event("send", 3, 3, "n10", "lin-kv"),
  event("recv", 5.25, 1, "n10", "n2"),
  event("recv", 6, 3, "n10", "lin-kv"),
  event("recv", 7, 3, "n10", "lin-kv"),
];

Deno.test("lanes are the clients, then nodes by number, then services", () => {
  assertEquals(layOutLamport(events).lanes, ["clients", "n2", "n10", "lin-kv"]);
});

Deno.test("each send has the rows of its receives, each receive the row of its send", () => {
  const { rows } = layOutLamport(events);
  assertEquals(rows.map(({ counterpart }) => counterpart), [
    [1],
    [0],
    [5],
    "lost",
    [6, 7],
    [2],
    [4],
    [4],
  ]);
});

Deno.test("a part of a run counts the omitted events and marks omitted counterparts", () => {
  const part = layOutLamport(events, { fromMs: 1, maxEvents: 4 });
  assertEquals([part.before, part.after, part.rows.length], [2, 2, 4]);
  assertEquals(part.rows.map(({ counterpart }) => counterpart), [[3], "lost", "later", [0]]);
  const late = layOutLamport(events, { fromMs: 5 });
  assertEquals(late.rows.map(({ counterpart }) => counterpart), ["earlier", "earlier", "earlier"]);
  assertEquals(layOutLamport(events, { fromMs: 100 }).rows, []);
  assertEquals(layOutLamport([]).lanes, []);
});

Deno.test("as text, a message received in the next row takes one line, any other several", () => {
  const lines = lamportText(events).trimEnd().split("\n").slice(1);
  assertEquals(lines.map((line) => line.trimEnd()), [
    "              clients    n2       n10    lin-kv",
    '      0.000      ●────────┼───────▶│        │      #0 c1 → n10 {"type":"m0"}',
    '      1.000      │        │◁╌╌╌╌╌╌╌○        │      #1 n10 → n2 {"type":"m1"}',
    '      2.000      │        ○╌╌╌╌╌╌╌╳│        │      #2 n2 → n10 {"type":"m2"}',
    '      3.000      │        │        ○╌╌╌╌╌╌╌▷│      #3 n10 → lin-kv {"type":"m3"}',
    '      5.250      │        ●◀───────│        │      #1 n10 → n2 {"type":"m1"}',
    '      6.000      │        │        │───────▶●      #3 n10 → lin-kv {"type":"m3"}',
    '      7.000      │        │        │───────▶●      #3 n10 → lin-kv {"type":"m3"}',
  ]);
});

Deno.test("as text, lanes are narrow for many nodes, and long bodies are truncated", () => {
  const many = Array.from(
    { length: 25 },
    (_, index) =>
      event("send", index, index, "n0", `n${index}`, { type: "x", text: "y".repeat(500) }),
  );
  const text = lamportText(many, { maxEvents: 20 });
  assertStringIncludes(text, "… 5 later events");
  assert(text.split("\n").every((line) => line.length < 300));
  assertMatch(text, /n0 +n1 +n2 +n3/);
  assertMatch(text, /○╳.*#0 n0 → n0/, "a message from n0 to itself");
});

Deno.test("as SVG, an arrow has the message's class and body", () => {
  const svg = lamportSvg([
    ...events,
    event("send", 8, 4, "n2", "c1", { type: "error", text: "<&>" }),
    event("recv", 8, 4, "n2", "c1", { type: "error", text: "<&>" }),
  ]);
  assertEquals(svg.match(/<g class="msg/g)?.length, 6, "five messages, one of them twice");
  assertEquals(svg.match(/<g class="msg lost"/g)?.length, 1);
  assertEquals(svg.match(/<g class="msg error"/g)?.length, 1);
  assertEquals(svg.match(/<g class="msg client"/g)?.length, 1);
  assertStringIncludes(svg, '#1 n10 → n2 {"type":"m1"}');
  assertStringIncludes(svg, "&lt;&amp;&gt;");
  assertEquals(svg.match(/class="lane"/g)?.length, 4);
});

Deno.test("as SVG, an arrow leads from the send's lane and row to the receive's", () => {
  const svg = lamportSvg(events);
  const [, x1, y1, x2, y2] = /#1 n10.*?<line x1="(\S+)" y1="(\S+)" x2="(\S+)" y2="(\S+)"/
    .exec(svg)?.map(Number) ?? [];
  const { rows } = layOutLamport(events);
  assertEquals([rows[2]?.from, rows[2]?.to], [2, 1]);
  assertEquals((x1 as number) - (x2 as number), 130, "one lane to the left");
  assertEquals((y2 as number) - (y1 as number), 3 * 18, "three rows down");
});

Deno.test("as SVG, omitted events are counted", () => {
  assertStringIncludes(
    lamportSvg(events, { fromMs: 1, maxEvents: 2 }),
    "not drawn: 2 earlier events, 4 later",
  );
});

Deno.test("as SVG, characters that XML does not allow are replaced", () => {
  const svg = lamportSvg([event("send", 0, 0, "n1", "n2", { type: "\u0000<\ud800\t😀\uffff" })]);
  assertStringIncludes(svg, ">\ufffd&lt;\ufffd\t😀\ufffd</text>");
});

Deno.test("labels have values, and marked messages name their operation, as text and as SVG", () => {
  const message = (id: number, src: string, dest: string, body: object) => [
    { type: "send" as const, time: id, id, message: { src, dest, body } },
    { type: "recv" as const, time: id, id, message: { src, dest, body } },
  ];
  const events = [
    ...message(0, "c1", "n0", { type: "broadcast", message: 7, msg_id: 1 }),
    ...message(1, "n0", "c1", { type: "broadcast_ok", in_reply_to: 1 }),
  ];
  const marks = new Map([[0, "operation 3 <read>"]]);
  const text = lamportText(events, { marks }).split("\n");
  assertEquals(text.filter((line) => line.endsWith("◀ operation 3 <read>")).length, 1);
  const svg = lamportSvg(events, { marks });
  assertStringIncludes(svg, ">broadcast 7</text>");
  assertStringIncludes(svg, ">broadcast_ok</text>");
  assertStringIncludes(svg, 'class="msg client marked"');
  assertStringIncludes(svg, "operation 3 &lt;read&gt;");
});
