import { assertEquals } from "std/testing";
import { mayHaveState } from "../../../lib/workbench/sim/program/module_state.ts";
import { parseProgram, type Syntax } from "../../../lib/workbench/sim/program/syntax.ts";

/** Whether a module may have state; `lib:` is the library. */
function hasState(text: string, isImported = false): boolean {
  const program = parseProgram(text, "module") as Syntax;
  return mayHaveState(program, (specifier) => specifier.startsWith("lib:"), isImported);
}

const IMPORTS = 'import { define, schema } from "lib:node"; import { help } from "./help.js";';

const stateless: Readonly<Record<string, string>> = {
  "imports and exports": `${IMPORTS} export { help }; export * from "./other.js";`,
  "functions": "export function f(n) { let count = 0; count += n; return count; } ;",
  "an asynchronous default function": "export default async function () { await null; }",
  "an exported function value": "export default (node) => node;",
  "a class": "export class A { #n = 0; static make() { return new A(); } add() { this.#n++; } }",
  "a class that extends another": "class A {} class B extends A { constructor() { super(); } }",
  "a class as a value": "const A = class { n = 1; };",
  "primitive constants":
    'const A = 1, B = -A * 2 + 3, C = `${A}ms`, D = A > 1 ? "x" : null, E = !A;',
  "a variable that never changes": "let limit = 3; var other = 4; function f() { return limit; }",
  "captured functions": "const random = Math.random; const D = Date;",
  "functions of numbers": "const N = Math.floor(2 ** 53 / 7); const S = String(N);",
  "a plain expression": "const P = /^a+$/i; const f = (text) => P.test(text);",
  "calls of the library":
    `${IMPORTS} export default define({ a: schema.array(schema.json) }, help);`,
  "a value of the library": `${IMPORTS} const number = schema.number;`,
  "members of the library":
    `${IMPORTS} const { array, json: any } = schema; const list = array(any);`,
  "import.meta": "const here = import.meta.url;",
  "a literal import": 'const other = await import("./other.js");',
  "a conditional import": 'const o = import.meta.main ? undefined : await import("./o.js");',
  "a table that is read": "const T = { a: 1, b: { c: 2 } }; const f = (k) => T[k] + T.b.c;",
  "a member of a table as a value": "const T = { a: 1 }; const f = (g) => g(T.a);",
  "an element of a table of functions":
    "const T = { a: f, b: () => 1 }; function f() {} const g = (k) => { const h = T[k]; h(); };",
  "an element of a list as a value": "const L = [1, 'a']; const f = (g, i) => g(L[i]);",
  "a set that is read": "const S = new Set([1, 2]); const f = (x) => S.has(x) && [...S].length;",
  "a map that is read": "const M = new Map([[1, 2]]); const f = (x) => M.get(x);",
  "a list that is iterated":
    "const L = [1]; function f() { for (const x of L) g(x); } const g = f;",
  "a list in a comparison": "const L = [1]; const f = (x) => x === L;",
  "a spread table": "const A = { x: 1 }; const B = { ...A, y: 2 }; const f = () => B.y;",
  "a table for the library": `${IMPORTS} const T = { n: 1 }; const d = define({ t: T, l: [T] });`,
  "a table for a handler":
    "const T = { n: 1 }; export default (node) => node.on('x', T, () => {});",
  "a request": "const T = { type: 'read' }; export default (node) => node.rpc('n1', T);",
  "a name that a parameter shadows": "const T = { n: 1 }; const f = (T) => { T.n = 2; };",
  "a name that a pattern shadows": "const T = {}; const f = ({ a: [T] = [] }) => { T.n = 2; };",
  "a name that a rest shadows": "const T = {}; const f = (...T) => { T.push(1); };",
  "a name that a constant shadows": "const T = {}; const f = () => { const T = {}; T.n = 2; };",
  "a name that a function shadows": "const T = {}; const f = () => { function T() {} T.n = 2; };",
  "a constant with the name of the global object":
    "class A { m(x) { const { self } = x; self.n = 1; return ({ window }) => window; } }",
  "a property with the name": "const T = {}; const f = (x) => { x.T.n = 1; return { T: 1 }; };",
  "a constructor of a class": "class A { constructor() { this.constructed = true; } }",
};
for (const [name, text] of Object.entries(stateless)) {
  Deno.test(`a module has no state with ${name}`, () => assertEquals(hasState(text), false));
}

const stateful: Readonly<Record<string, string>> = {
  "a counter": "let count = 0; export default () => ++count;",
  "a postfix counter": "let count = 0; export default () => count++;",
  "a reassigned variable": "let last = 0; export default (x) => { last = x; };",
  "an added number": "var sum = 0; export default (x) => { sum += x; };",
  "a variable without a value": "let last; export default (x) => { last = x; };",
  "a variable in a pattern": "let a = 1, b = 2; export default () => { [a, b] = [b, a]; };",
  "a variable in an object pattern": "let a = 1; export default (x) => { ({ a } = x); };",
  "a variable in a default": "let a = 1; export default (x) => { [a = 3] = x; };",
  "a loop variable": "let a = 1; export default (x) => { for (a of x); };",
  "a loop variable of keys": "let a = 1; export default (x) => { for (a in x); };",
  "a destructured value": "const { timeOrigin } = performance;",
  "a destructured import": `${IMPORTS} const { n } = help;`,
  "a destructured list of the library": `${IMPORTS} const [a] = schema;`,
  "a destructured default": `${IMPORTS} const { a = make() } = schema; function make() {}`,
  "destructured members of a table": "const t = { a: {} }; const { a } = t;",
  "the rest of a library's object": `${IMPORTS} const { a, ...rest } = schema;`,
  "a changed member of the library":
    `${IMPORTS} const { a } = schema; export default () => { a.calls = 1; };`,
  "a set that grows": "const seen = new Set(); export default (x) => seen.add(x);",
  "a map that changes": "const m = new Map([[1, 2]]); export default (x) => m.set(x, 1);",
  "a list that grows": "const l = []; export default (x) => { l.push(x); };",
  "a list whose length changes": "const l = [1]; export default () => { l.length = 0; };",
  "a computed method": "const l = []; export default (m) => l[m](1);",
  "a table that changes": "const t = {}; export default (k) => { t[k] = 1; };",
  "a nested table that changes": "const t = { a: {} }; export default () => { t.a.b = 1; };",
  "a nested list that grows": "const t = { a: [] }; export default () => t.a.push(1);",
  "a deleted member": "const t = { a: 1 }; export default () => { delete t.a; };",
  "an incremented member": "const t = { n: 1 }; export default () => t.n++;",
  "a table that a function gets": "const t = {}; export default (f) => f(t);",
  "a part that a function gets": "const t = { a: {} }; export default (f) => f(t.a);",
  "a part of a spread that a function gets":
    "const s = {}; const t = { a: 1, ...s }; export default (f) => f(t.a);",
  "an element that a function gets": "const t = { a: {} }; export default (f, k) => f(t[k]);",
  "an element of a table with a spread that a function gets":
    "const s = { b: {} }; const t = { a: 1, ...s }; export default (f, k) => f(t[k]);",
  "an element of a list that a function gets":
    "const l = [1, []]; export default (f, k) => f(l[k]);",
  "an element of a map that a function gets":
    "const m = new Map([[1, []]]); export default (f, k) => f(m[k]);",
  "a changed element of a flat table":
    "const t = { a: f }; function f() {} export default (k) => { t[k].calls = 1; };",
  "a called element of a table": "const t = { a() { this.n = 1; } }; export default (k) => t[k]();",
  "a table that is returned": "const t = {}; export default () => t;",
  "an alias": "const t = {}; const u = t; export default () => { u.a = 1; };",
  "a table in a message": "const t = {}; export default () => ({ reply: t });",
  "a property of a function": "export default function f() { f.calls = 1; }",
  "a property of a class": "class A {} export default () => { A.calls = 1; };",
  "a static field": "class A { static calls = 0; }",
  "a static block": "class A { static { A.calls = 0; } }",
  "a class that extends an expression": "class A extends mixin(B) {}",
  "a property of an import": `${IMPORTS} export default () => { help.calls = 1; };`,
  "a call of another module": `${IMPORTS} const h = help();`,
  "a call of the module": "const next = make(); function make() { let n = 0; return () => n++; }",
  "an immediate function": "const next = (() => { let n = 0; return () => n++; })();",
  "a new object": `${IMPORTS} const s = new schema.Thing();`,
  "a random number": "const id = Math.random();",
  "a clock": "const t = performance.timeOrigin;",
  "a date": "const t = Date.now();",
  "a wait": "const x = await Promise.resolve(1);",
  "a statement": "for (let n = 0; n < 3; n++);",
  "a call": "setInterval(() => {}, 1);",
  "an if": "if (Deno.args.length > 0) start(); function start() {}",
  "an expression with a position": "const P = /a/g; const f = (text) => P.test(text);",
  "a sticky expression": "const P = /a/y; const f = (text) => P.test(text);",
  "the global object": "export default () => { globalThis.n = 1; };",
  "another name of the global object": "export default () => { self.n = 1; };",
  "the global object beside a constant with its name":
    "export default () => { { const self = {}; self.n = 1; } self.n = 1; };",
  "code as text": "export default () => eval('n');",
  "code as a function": "export default () => new Function('return n')();",
  "the constructor of an object": "class A { m() { this.constructor.n = 1; } }",
  "the constructor of an object by text": "class A { m() { this['constructor'].n = 1; } }",
  "a prototype": "class A {} export default () => { A.prototype.n = 1; };",
  "a computed key": "const t = { [Math.random()]: 1 };",
  "a call in a table": "const t = { a: make() }; function make() { return {}; }",
  "a call in a list": "const t = [make()]; function make() { return {}; }",
  "a call in a spread": "const t = [...make()]; function make() { return []; }",
  "a call in a template": "const t = `${make()}`; function make() { return 1; }",
};
for (const [name, text] of Object.entries(stateful)) {
  Deno.test(`a module may have state with ${name}`, () => assertEquals(hasState(text), true));
}

Deno.test("another module could change an object that a module exports", () => {
  const exporting = [
    "export const t = { a: 1 };",
    "const t = { a: 1 }; export { t };",
    "const t = [1]; export default t;",
    "export default [1];",
  ];
  for (const text of exporting) {
    assertEquals([hasState(text, false), hasState(text, true)], [false, true], text);
  }
  const others = ["export function f() { return [1]; }", "export const n = 1;", "const t = [1];"];
  for (const text of others) assertEquals(hasState(text, true), false, text);
});
