import { assertEquals } from "std/testing";
import { traceObserver } from "../../../lib/workbench/explore/trace.ts";

const message = { src: "n0", dest: "c1", body: { type: "read_ok", value: 2n ** 60n } };

Deno.test("a trace has a line for each event, with the time in milliseconds", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const observer = traceObserver(() => nowMs, (line) => lines.push(line));
  const operation = { index: 0, time: 0, f: "read", value: [1, null] };
  observer.journal({ type: "send", time: 0, id: 7, message });
  nowMs = 12.3456;
  observer.journal({ type: "recv", time: 0, id: 7, message });
  observer.log("n0", "hello");
  observer.onFaultEffect("loss", "a message was lost", "#7 n0 → n1");
  nowMs = 123_456;
  observer.onOperation({ ...operation, type: "invoke", process: 3 });
  observer.onOperation({ ...operation, type: "fail", process: 3, error: ["abort", "no"] });
  observer.onOperation({ ...operation, type: "info", process: "nemesis", f: "start-loss" });
  assertEquals(lines, [
    '      0.000  send  #7  n0 → c1  {"type":"read_ok","value":1152921504606846976}',
    '     12.346  recv  #7  n0 → c1  {"type":"read_ok","value":1152921504606846976}',
    "     12.346  n0 log   hello",
    "     12.346  fault     loss: a message was lost (#7 n0 → n1)",
    " 123456.000  invoke    process 3  read  [1,null]",
    ' 123456.000  fail      process 3  read  [1,null]  error ["abort","no"]',
    " 123456.000  info      nemesis  start-loss  [1,null]",
  ]);
});

Deno.test("a long value is cut, so that a line fits on a screen", () => {
  const lines: string[] = [];
  const observer = traceObserver(() => 0, (line) => lines.push(line));
  const shown = (length: number) => {
    const value = "x".repeat(length);
    observer.onOperation({ index: 0, time: 0, type: "ok", process: 0, f: "read", value });
    return lines.pop()?.split("  ").at(-1) ?? "";
  };
  const whole = shown(100);
  assertEquals(whole, `"${"x".repeat(100)}"`);
  const [cut, same] = [shown(1000), shown(2000)];
  assertEquals(cut, same);
  assertEquals([cut.at(-1), cut.length < 200], ["…", true]);
  assertEquals(shown(cut.length - 2).length, cut.length, "a value of that length is whole");
  assertEquals(shown(cut.length - 2).at(-1), '"');
});
