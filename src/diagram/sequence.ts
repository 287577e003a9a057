import { type ElementNode, element } from "./element.ts";

/** Who sends or gets a message. */
export type Party = "client" | "kdc" | "server";

/** A message from one party to another, or a note of the client's. */
export interface SequenceStep {
  /** Who sends it; without `to`, who does it. */
  readonly from: Party;
  /** Who gets it; absent: a step of `from` alone. */
  readonly to?: Party;
  /** What it is, for example `AS-REQ`. */
  readonly label: string;
  /** What it means, in a sentence. */
  readonly detail?: string;
  /** When or how large, for example `214 octets`. */
  readonly note?: string;
  /** Whether it says that something failed. */
  readonly isError?: boolean;
}

const NAMES: Readonly<Record<Party, string>> = { client: "Client", kdc: "KDC", server: "Server" };

/** The heads of the lanes, and a list of all steps. */
export function sequenceDiagram(steps: readonly SequenceStep[]): ElementNode {
  return element(
    "div",
    { class: "sequence" },
    element(
      "div",
      { class: "lanes", "aria-hidden": "true" },
      ...Object.values(NAMES).map((name) => element("span", {}, name)),
    ),
    element("ol", { class: "steps" }, ...steps.map((step) => stepItem(step))),
  );
}

/** One step as an item of the list; `more` stands in it after its texts. */
export function stepItem(step: SequenceStep, ...more: readonly ElementNode[]): ElementNode {
  const { from, to, label, detail, note, isError = false } = step;
  const way = to === undefined ? `at-${from}` : `way ${from}-${to}`;
  const who = to === undefined ? NAMES[from] : `${NAMES[from]} to ${NAMES[to]}`;
  return element(
    "li",
    { class: `step ${way}${isError ? " error" : ""}` },
    element(
      "div",
      { class: "message" },
      element("span", { class: "who" }, `${who}: `),
      element("strong", {}, label),
      ...(note === undefined ? [] : [element("span", { class: "note" }, ` ${note}`)]),
      ...(detail === undefined ? [] : [element("p", { class: "detail" }, detail)]),
      ...more,
    ),
  );
}
