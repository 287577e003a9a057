import { plainLine } from "../../errors.ts";
import { krbErrorName } from "../../iana/index.ts";

/** A request that gets a KRB-ERROR. It never leaves the KDC. */
export class KdcFailure extends Error {
  override readonly name: string = "KdcFailure";
  readonly errorCode: number;
  readonly eData?: Uint8Array;
  /** The client's realm, where the answer names another than the request did (RFC 6806 section 7). */
  readonly crealm?: string;

  constructor(errorCode: number, text: string, also: { readonly eData?: Uint8Array; readonly crealm?: string } = {}) {
    super(plainLine(text === "" ? krbErrorName(errorCode) : text));
    this.errorCode = errorCode;
    if (also.eData !== undefined) this.eData = also.eData;
    if (also.crealm !== undefined) this.crealm = also.crealm;
  }
}

/** Refuses a request. */
export function refuse(
  errorCode: number,
  text: string,
  also: { readonly eData?: Uint8Array; readonly crealm?: string } = {},
): never {
  throw new KdcFailure(errorCode, text, also);
}
