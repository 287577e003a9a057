import { NAME_TYPE } from "../iana/index.ts";

/** A principal: a realm and the components of a name (RFC 4120 sections 5.2.2 and 6). Text is {@link decodeText}'s. */
export interface Principal {
  readonly realm: string;
  /** NAME_TYPE; a hint only: two principals are the same whatever their types (RFC 4120 section 6.2). */
  readonly nameType: number;
  readonly components: readonly string[];
}

/** Makes a principal. `nameType` defaults to NT-PRINCIPAL. */
export function principal(
  realm: string,
  components: readonly string[],
  nameType: number = NAME_TYPE.principal,
): Principal {
  return { realm, nameType, components };
}
