// The style of the HTML report: readable by day and by night, on paper and on a small screen.

export const REPORT_STYLE = `
:root { --ink: #1d1f21; --paper: #fff; --soft: #f3f3f0; --line: #d8d8d2; --good: #1a7f37; --bad: #c6262e; --skip: #8a6100; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e1; --paper: #17181a; --soft: #222428; --line: #3a3d42; --good: #57c06e; --bad: #ff7b72; --skip: #e0b252; }
}
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 0.5rem 0; } h1.good { color: var(--good); } h1.bad { color: var(--bad); }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; } h3 { margin: 0.8rem 0 0.2rem; font-size: 0.9rem; }
details { border: 1px solid var(--line); border-left-width: 5px; border-radius: 4px; margin: 0.35rem 0; padding: 0.3rem 0.7rem; }
details.passed { border-left-color: var(--good); } details.passed b { color: var(--good); }
details.failed, details.error { border-left-color: var(--bad); } details.failed b, details.error b { color: var(--bad); }
details.skipped { border-left-color: var(--skip); } details.skipped b { color: var(--skip); }
summary { cursor: pointer; overflow-wrap: anywhere; } summary:focus-visible, pre:focus-visible { outline: 2px solid currentColor; }
code, pre { font: 0.85rem/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.6rem; overflow: auto; max-height: 30rem; border-radius: 4px; margin: 0.2rem 0; }
pre.failure { max-height: none; } ins { color: var(--good); text-decoration: none; } del { color: var(--bad); text-decoration: none; }
small { color: inherit; opacity: 0.75; } .notes { color: var(--skip); }
@media print { pre { max-height: none; } }
`;
