import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { pageHtml } from "../../lib/page/html.ts";
import { packRunFiles, type RunFiles, unpackRunFiles } from "../../lib/page/run_files.ts";

const SEND =
  '{"type":"send","time":5,"id":1,"src":"n0","dest":"n1","body":{"type":"x","text":"</script>"}}';
const RECEIVE =
  '{"type":"recv","time":9,"id":1,"src":"n0","dest":"n1","body":{"type":"x","text":"</script>"}}';

const files: RunFiles = {
  test: undefined,
  results: "{}",
  history: '{"value":"<script>alert(1)</script> ]]> \\u001b[31m 💥 __proto__"}\n',
  messages: `${SEND}\n${RECEIVE}\n`,
  logs: { n0: "<!-- --></script>" },
};

Deno.test("files travel in a page unchanged, but for the bodies of received messages", async () => {
  const unpacked = await unpackRunFiles(await packRunFiles(files));
  assertEquals(unpacked.history, files.history);
  assertEquals(unpacked.logs, files.logs);
  assertEquals(unpacked.messages, `${SEND}\n[1,9]\n`);
});

Deno.test("a message body that contains the text of a receive event stays whole", async () => {
  const tricky = SEND.replace("</script>", '\\n{\\"type\\":\\"recv\\",\\"time\\":1,\\"id\\":2,');
  const unpacked = await unpackRunFiles(await packRunFiles({ ...files, messages: tricky }));
  assertEquals(unpacked.messages, tricky);
});

Deno.test("packing copes with files of more than a megabyte", async () => {
  const history = Array.from({ length: 200_000 }, (_, index) => `${index * 7919 % 104729}`).join(
    "\n",
  );
  const unpacked = await unpackRunFiles(await packRunFiles({ ...files, history }));
  assertEquals(unpacked.history, history);
});

Deno.test("no text of a node is in a page as markup", async () => {
  const html = pageHtml({
    title: '</title><script>"',
    summary: ["</noscript><script>"],
    script: 'x="</script>"',
    data: await packRunFiles(files),
  });
  assertEquals(html.match(/<\/script/g)?.length, 4);
  assertEquals(html.match(/<script/g)?.length, 4);
  assertEquals(html.includes("alert"), false);
  assertEquals(html.includes("&lt;/title>"), true);
});

Deno.test("a page has its summary as a description and without JavaScript, escaped", () => {
  const summary = ["workload        INVALID", '  "</pre></noscript><b>" was lost'];
  const html = pageHtml({ title: "g-set: invalid", summary, script: "", data: "" });
  assertEquals(
    /<meta name="description" content="([^"]*)">/.exec(html)?.[1],
    "g-set: invalid; workload INVALID; &quot;&lt;/pre>&lt;/noscript>&lt;b>&quot; was lost",
  );
  assertEquals(html.match(/<\/pre>|<\/noscript>|<b>/g), ["</pre>", "</noscript>"]);
  assertStringIncludes(html, "<pre>g-set: invalid\nworkload        INVALID\n  &quot;&lt;/pre>");
});

Deno.test("a page refuses data that could end its element", () => {
  const parts = { title: "", summary: [], script: "", data: "</script>" };
  assertThrows(() => pageHtml(parts), TypeError, "must be base64");
});
