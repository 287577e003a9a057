import type { Principal } from "../krb5/index.ts";

/** Whether two principals have the same realm and components; the name type is a hint only (RFC 4120 section 6.2). */
export function isSamePrincipal(a: Principal, b: Principal): boolean {
  return (
    a.realm === b.realm &&
    a.components.length === b.components.length &&
    a.components.every((component, i) => component === b.components[i])
  );
}

/** For an error's text and fields only: without the quoting of the MIT text form, so not a key of anything. */
export function describePrincipal({ realm, components }: Principal): string {
  return `${components.join("/")}@${realm}`;
}
