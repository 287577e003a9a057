import { printableText } from "../bytes/index.ts";

/** An element of HTML that is not yet text or part of a document. */
export interface ElementNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (ElementNode | string)[];
}

/** More than a line that a person reads; what is longer is cut. */
const MAX_CHARACTERS = 4_096;

/** Makes an element. Its texts are texts: nothing in them becomes markup. */
export function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (ElementNode | string)[]
): ElementNode {
  return { tag, attributes, children };
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return printableText(text, MAX_CHARACTERS).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** The element as HTML. Texts and the values of attributes are escaped, and bounded in length. */
export function htmlOf(node: ElementNode | string): string {
  if (typeof node === "string") return escaped(node);
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<${node.tag}${attributes.join("")}>${node.children.map(htmlOf).join("")}</${node.tag}>`;
}
