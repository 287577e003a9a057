import { printableText } from "../../src/bytes/index.ts";
import type { ElementNode } from "../../src/diagram/index.ts";

/** More than a person reads in one place. */
const MAX_CHARACTERS = 65_536;

/** Makes elements of a page out of those of a diagram: texts stay texts, and no mark of direction in a name turns a line round. */
export function toDom(node: ElementNode | string): Node {
  if (typeof node === "string") return document.createTextNode(printableText(node, MAX_CHARACTERS));
  const made = document.createElement(node.tag);
  for (const [name, value] of Object.entries(node.attributes)) made.setAttribute(name, value);
  made.append(...node.children.map(toDom));
  return made;
}

/** The element of an id, of the class that the program works with. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with the id ${id}`);
  return found;
}

/** Puts nodes in the place of what an element has. */
export function show(where: Element, ...nodes: readonly (Node | string)[]): void {
  where.replaceChildren(...nodes);
}
