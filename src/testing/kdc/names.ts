import { refuse } from "../../checks/index.ts";
import { NAME_TYPE } from "../../iana/index.ts";

/**
 * Components of text as `host/localhost`; a backslash before `/`, `@` or `\` makes it part of a component. After an `@`
 * only `realm` may stand. Throws `TypeError` for text that is not a name, or is a name of another realm.
 */
export function parseComponents(text: string, realm?: string): string[] {
  if (typeof text !== "string") refuse("the name of a principal", text, "text");
  const refuseIt = (why: string): never => {
    throw new TypeError(`not the name of a principal: ${JSON.stringify(text)} ${why}`);
  };
  if (text.includes("\0")) refuseIt("has a NUL");
  const components = [""];
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === "@") {
      if (text.slice(i + 1) === realm) break;
      throw new TypeError(
        `not a principal of this realm: ${JSON.stringify(text)}; leave the realm out, or write \\@ for an @ in a name`,
      );
    }
    if (character === "/") components.push("");
    else
      components[components.length - 1] +=
        character === "\\" ? (text[++i] ?? refuseIt("ends with a backslash; write two for one")) : character;
  }
  if (components.some((component) => component === "")) {
    refuseIt("has an empty component");
  }
  return components;
}

/** The inverse of {@link parseComponents}; also what the database is indexed by. */
export function formatComponents(components: readonly string[]): string {
  return components.map((component) => component.replace(/[\\/@]/g, "\\$&")).join("/");
}

/** Whether two names have the same components; the type is a hint only (RFC 4120 section 6.2). */
export function isSameName(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((component, i) => component === b[i]);
}

/** The realm that a ticket-granting service's name is about (RFC 4120 section 7.3), or undefined for another name. */
export function tgsRealm(components: readonly string[]): string | undefined {
  return components.length === 2 && components[0] === "krbtgt" ? components[1] : undefined;
}

/** The name type that a name of a database gets on the wire (RFC 4120 section 6.2). */
export function nameTypeOf(components: readonly string[]): number {
  if (components.length < 2) return NAME_TYPE.principal;
  return components[0] === "krbtgt"
    ? NAME_TYPE.srvInst
    : components[0] === "host"
      ? NAME_TYPE.srvHst
      : NAME_TYPE.principal;
}
