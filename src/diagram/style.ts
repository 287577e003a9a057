/** The style of a diagram: three lanes, red where something failed, dark and light, one column where it is narrow. */
export const DIAGRAM_STYLE: string = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #57606a; --line: #6e7781; --tint: #eef3f8;
  --go: #0a4f9e; --bad: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #a7b0ba; --line: #8b949e;
  --tint: #161d27; --go: #7ab7ff; --bad: #ff9b9b; } }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
.lanes { display: grid; grid-template-columns: repeat(3, 1fr); position: sticky; top: 0; background: var(--paper);
  border-bottom: 2px solid var(--line); font-weight: bold; text-align: center; z-index: 1; }
.lanes span { padding: 0.4rem; }
.steps { list-style: none; margin: 0; padding: 0; background: linear-gradient(var(--line), var(--line)) 16.67% 0 / 1px 100% no-repeat,
  linear-gradient(var(--line), var(--line)) 50% 0 / 1px 100% no-repeat,
  linear-gradient(var(--line), var(--line)) 83.33% 0 / 1px 100% no-repeat; }
.step { display: grid; grid-template-columns: repeat(6, 1fr); margin: 0.5rem 0; }
.message { background: var(--tint); border-bottom: 2px solid var(--go); padding: 0.3rem 0.6rem; overflow-wrap: anywhere;
  position: relative; }
.error .message { border-color: var(--bad); }
.error strong { color: var(--bad); }
.who { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
.note, .detail { color: var(--soft); }
.detail { margin: 0; font-size: 0.9rem; }
.client-kdc .message, .kdc-client .message { grid-column: 2 / 4; }
.client-server .message, .server-client .message { grid-column: 2 / 6; }
.at-client .message { grid-column: 1 / 4; border-bottom-style: dotted; }
.at-kdc .message { grid-column: 3 / 5; border-bottom-style: dotted; }
.at-server .message { grid-column: 4 / 7; border-bottom-style: dotted; }
.way .message::after { content: ""; position: absolute; bottom: -0.45rem; border: 0.4rem solid transparent; }
.client-kdc .message::after, .client-server .message::after { right: -0.3rem; border-left-color: var(--go); }
.kdc-client .message::after, .server-client .message::after { left: -0.3rem; border-right-color: var(--go); }
@media (max-width: 40rem) {
  .steps { background: none; }
  .lanes { display: none; }
  .step .message { grid-column: 1 / 7; }
  .who { position: static; clip-path: none; width: auto; height: auto; white-space: normal; color: var(--soft); }
}
@media print { .lanes { position: static; } }
`;
