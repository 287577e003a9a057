import { type ElementNode, element, sequenceDiagram, stepItem } from "../../src/diagram/index.ts";
import { isKerberosError } from "../../src/entry/lean.ts";
import { byId, show, toDom } from "../shared/dom.ts";
import { octetsView } from "../shared/octets-view.ts";
import { treeView } from "../shared/tree-view.ts";
import { ENCTYPES } from "./enctypes.ts";
import { FAULTS } from "./faults.ts";
import { type Read, readAll, stepOf } from "./read.ts";
import { type Choices, PASSWORD, type Run, runOnce } from "./session.ts";

const form = byId("choices", HTMLFormElement);
const outcome = byId("outcome", HTMLElement);
const diagram = byId("diagram", HTMLElement);
const details = byId("details", HTMLElement);

fill(
  "enctype",
  ENCTYPES.map(([number, name]) => [String(number), name]),
);
fill("fault", [["", "none"], ...FAULTS.map(([name, words]): [string, string] => [name, `${name}: ${words}`])]);
byId("password-hint", HTMLElement).textContent = PASSWORD;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});

function fill(id: string, rows: readonly (readonly [value: string, words: string])[]): void {
  show(byId(id, HTMLSelectElement), ...rows.map(([value, words]) => toDom(element("option", { value }, words))));
}

function choices(): Choices {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "");
  return {
    principal: text("principal"),
    password: text("password"),
    command: text("command"),
    preauth: text("preauth") as Choices["preauth"],
    enctype: Number(text("enctype")),
    clockSeconds: Number(text("clock")),
    fault: text("fault"),
    faultOn: text("fault-on") as Choices["faultOn"],
  };
}

let turn = 0;

async function start(): Promise<void> {
  const mine = ++turn;
  outcome.className = "outcome";
  show(outcome, "Logging in...");
  show(details, toDom(element("p", {}, "Choose a message to see what is in it.")));
  let run: Run;
  try {
    run = await runOnce(choices());
  } catch (error) {
    run = { messages: [], keytab: new Uint8Array(0), outcome: { error } };
  }
  const reads = await readAll(run);
  if (mine !== turn) return;
  showOutcome(run);
  showDiagram(reads);
}

function showOutcome({ outcome: what }: Run): void {
  if ("error" in what) {
    const { error } = what;
    outcome.className = "outcome error";
    const code = isKerberosError(error) ? error.code : (error as Error).name;
    const words = [
      element("strong", {}, `It failed: ${code}`),
      element("p", { class: "plain" }, String((error as Error).message)),
    ];
    show(outcome, ...words.map(toDom));
    return;
  }
  const lines = [
    element("strong", {}, `It worked: the command ended with status ${what.status}.`),
    element("pre", {}, what.stdout + what.stderr),
  ];
  show(outcome, ...lines.map(toDom));
}

function showDiagram(reads: readonly Read[]): void {
  const shown = toDom(sequenceDiagram([])) as HTMLElement;
  const list = shown.querySelector("ol") as HTMLOListElement;
  for (const [index, read] of reads.entries()) {
    const item = toDom(stepItem(stepOf(read), buttonOf(index))) as HTMLElement;
    item.querySelector("button")?.addEventListener("click", () => showDetails(list, index, read));
    list.append(item);
  }
  show(diagram, reads.length === 0 ? toDom(element("p", {}, "No message was sent.")) : shown);
}

function buttonOf(index: number): ElementNode {
  return element(
    "button",
    { type: "button", "aria-pressed": "false", "aria-label": `Open message ${index + 1}` },
    "open",
  );
}

function showDetails(list: HTMLOListElement, index: number, { message, tree }: Read): void {
  for (const [at, item] of [...list.children].entries()) {
    item.classList.toggle("chosen", at === index);
    item.querySelector("button")?.setAttribute("aria-pressed", String(at === index));
  }
  show(
    details,
    toDom(element("h2", { tabindex: "-1" }, `Message ${index + 1}: ${tree.label}`)),
    toDom(treeView(tree)),
    toDom(element("h2", {}, "Its octets")),
    toDom(octetsView(message.wire)),
  );
  (details.querySelector("h2") as HTMLElement).focus();
}
