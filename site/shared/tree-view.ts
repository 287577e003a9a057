import { type ElementNode, element } from "../../src/diagram/index.ts";
import type { TreeNode } from "../../src/inspect/index.ts";
import { explain } from "./explain.ts";

/** More lines than a person reads; a hostile message has them. */
const MAX_NODES = 4_000;
/** So many levels are unfolded at first. */
const OPEN_DEPTH = 3;

/** How many lines are still shown; trees that stand in one page share it. */
export interface LinesLeft {
  nodes: number;
}

export const linesOfPage = (): LinesLeft => ({ nodes: MAX_NODES });

/** A decoded tree as nested lists that open and close, each field with what it means. */
export function treeView(root: TreeNode, left: LinesLeft = linesOfPage()): ElementNode {
  const list = element("ul", { class: "tree" }, itemOf(root, left, 0).shown);
  return left.nodes > 0 ? list : element("div", {}, list, element("p", {}, `Only ${MAX_NODES} lines are shown.`));
}

interface Item {
  readonly shown: ElementNode;
  /** A key opened it, or something in it. */
  readonly isOpened: boolean;
}

function itemOf(node: TreeNode, left: LinesLeft, depth: number): Item {
  left.nodes--;
  const { label, value, children = [] } = node;
  const words = explain(label);
  const line = [
    element("span", { class: "label", ...(words === undefined ? {} : { title: words }) }, label),
    ...(value === undefined ? [] : [element("span", { class: "value" }, `: ${value}`)]),
    ...(words === undefined ? [] : [element("span", { class: "meaning" }, ` ${words}`)]),
  ];
  if (children.length === 0) return { isOpened: false, shown: element("li", {}, ...line) };
  // What a key opened is what its owner wants to see, however deep it lies.
  const isUnsealed = children.some((child) => child.label === "opened with");
  const inside: Item[] = [];
  for (const child of children) {
    if (left.nodes <= 0) break;
    inside.push(itemOf(child, left, isUnsealed ? OPEN_DEPTH - 1 : depth + 1));
  }
  const isOpened = isUnsealed || inside.some((child) => child.isOpened);
  const state = depth < OPEN_DEPTH || isOpened ? { open: "" } : {};
  const list = element("ul", {}, ...inside.map((child) => child.shown));
  return { isOpened, shown: element("li", {}, element("details", state, element("summary", {}, ...line), list)) };
}
