/**
 * The style of report pages.
 *
 * @module
 */

/** The style sheet: light and dark, and for paper. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ground:#fff;--panel:#f6f7f9;--text:#1c2024;--dim:#5b6470;--line:#d5d9df;
--good:#12805c;--bad:#c62828;--unsure:#9a6700;--accent:#1f5fbf;--fault:#d9480f;--client:#6b7280}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--panel:#1d2127;--text:#e6e9ed;--dim:#a2abb7;
--line:#3a414b;--good:#4cc38a;--bad:#ff7b72;--unsure:#e3b341;--accent:#79b0ff;--fault:#ff9c66;
--client:#9aa4b1}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1400px;margin:0 auto;padding:1rem 1.5rem 4rem}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .3rem}
code,pre,.mono{font:13px/1.45 ui-monospace,monospace}
pre{background:var(--panel);padding:.6rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;
max-height:24rem;margin:.3rem 0}
.dim{color:var(--dim)}.good{color:var(--good)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}
.badge{font-weight:600}
nav a{margin-right:1rem}a{color:var(--accent)}
button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:5px;
padding:.1rem .5rem;cursor:pointer}
button.link{border:0;padding:0;text-decoration:underline}
button[aria-pressed=true]{background:var(--accent);color:var(--ground)}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.6rem .9rem;
margin:.5rem 0}
.chart{position:relative;border:1px solid var(--line);border-radius:6px;overflow:hidden;margin:.3rem 0}
.chart canvas{display:block;width:100%;touch-action:pan-y}
.tip{position:absolute;pointer-events:none;background:var(--panel);border:1px solid var(--line);
border-radius:4px;
padding:.2rem .5rem;max-width:34rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:13px;z-index:2}
.tools{display:flex;flex-wrap:wrap;gap:.5rem .9rem;align-items:center;margin:.3rem 0}
.tools label{white-space:nowrap}
select,input{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);
border-radius:4px}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.15rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;
overflow-wrap:anywhere}
th{font-weight:600;color:var(--dim)}tr.selected td{background:var(--panel);font-weight:600}
.reason{white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0 .25rem 1rem}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
@media(max-width:900px){.columns{grid-template-columns:1fr}}
.cycle text{fill:var(--text);font:13px system-ui,sans-serif}
.cycle circle{fill:var(--panel);stroke:var(--bad);stroke-width:1.5}
.cycle path{fill:none;stroke:var(--dim);stroke-width:1.5}.cycle .head{fill:var(--dim);stroke:none}
.time{position:sticky;bottom:.5rem;z-index:3;box-shadow:0 1px 6px #0004}
@media print{.tools,nav,.tip{display:none}main{max-width:none;padding:0}pre{max-height:none}}
`;
