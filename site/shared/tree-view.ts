import { type ElementNode, element } from "../../src/diagram/index.ts";
import type { TreeNode } from "../../src/inspect/index.ts";
import { explain } from "./explain.ts";

/** More lines than a person reads; a hostile message has them. */
const MAX_NODES = 4_000;

/** How many lines are still shown; trees that stand in one page share it. */
export interface LinesLeft {
  nodes: number;
}

export const linesOfPage = (): LinesLeft => ({ nodes: MAX_NODES });

/** A decoded tree as nested lists that open and close, each field with what it means. */
export function treeView(root: TreeNode, left: LinesLeft = linesOfPage()): ElementNode {
  const list = element("ul", { class: "tree" }, itemOf(root, left, 0));
  return left.nodes > 0 ? list : element("div", {}, list, element("p", {}, `Only ${MAX_NODES} lines are shown.`));
}

function itemOf(node: TreeNode, left: LinesLeft, depth: number): ElementNode {
  left.nodes--;
  const { label, value, children = [] } = node;
  const words = explain(label);
  const line = [
    element("span", { class: "label", ...(words === undefined ? {} : { title: words }) }, label),
    ...(value === undefined ? [] : [element("span", { class: "value" }, `: ${value}`)]),
    ...(words === undefined ? [] : [element("span", { class: "meaning" }, ` ${words}`)]),
  ];
  if (children.length === 0) return element("li", {}, ...line);
  const inside: ElementNode[] = [];
  for (const child of children) {
    if (left.nodes <= 0) break;
    inside.push(itemOf(child, left, depth + 1));
  }
  return element(
    "li",
    {},
    element("details", depth < 3 ? { open: "" } : {}, element("summary", {}, ...line), element("ul", {}, ...inside)),
  );
}
