import { KDC_OPTION, KRB_ERROR, NAME_TYPE } from "../../iana/index.ts";
import type { PrincipalName } from "../../krb5/index.ts";
import type { Entry } from "./entry.ts";
import { refuse } from "./failure.ts";
import { formatComponents, nameTypeOf, tgsRealm } from "./names.ts";
import { type KdcState, reachable } from "./state.ts";

/** A principal that was looked up, with the name that the answer gives it. */
export interface Found {
  readonly entry: Entry;
  readonly name: PrincipalName;
}

/**
 * The client of an AS request (RFC 4120 section 3.1.3, RFC 6806 sections 5 to 7). Throws KDC_ERR_C_PRINCIPAL_UNKNOWN,
 * or KDC_ERR_WRONG_REALM with the realm to ask.
 */
export function findClient(state: KdcState, name: PrincipalName, kdcOptions: number): Found {
  const { nameType, nameString } = name;
  const direct = state.database.find(nameString);
  if (direct !== undefined && nameType !== NAME_TYPE.enterprise) return { entry: direct, name };
  const isEnterprise = nameType === NAME_TYPE.enterprise;
  // An enterprise name is an alias by nature; other names may change only if the client allows it.
  if (isEnterprise || (kdcOptions & KDC_OPTION.canonicalize) !== 0) {
    const entry = findOtherName(state, name);
    if (entry !== undefined) return { entry, name: canonicalName(entry) };
    const there = reachable(state).find(
      (realm) => (realm.state.database.find(nameString) ?? findOtherName(realm.state, name)) !== undefined,
    );
    if (there !== undefined) {
      refuse(KRB_ERROR.KDC_ERR_WRONG_REALM, `the client is in ${there.state.realm}`, { crealm: there.state.realm });
    }
  }
  return refuse(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN, `${formatComponents(nameString)} is unknown`);
}

/** The service of an AS request: of this realm. */
export function findInitialService(state: KdcState, sname: PrincipalName | undefined): Found {
  if (sname === undefined) refuse(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN, "the request names no service");
  const local = findLocalService(state, sname);
  if (local !== undefined) return { entry: local, name: sname };
  return refuse(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN, `${formatComponents(sname.nameString)} is unknown`);
}

/**
 * The service of a TGS request, or the TGS of a realm that is nearer to it (RFC 4120 section 3.3.3, RFC 6806 section
 * 8).
 */
export function findService(state: KdcState, sname: PrincipalName | undefined, kdcOptions: number): Found {
  if (sname === undefined) refuse(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN, "the request names no service");
  const local = findLocalService(state, sname);
  if (local !== undefined) return { entry: local, name: sname };
  const target = tgsRealm(sname.nameString);
  const next = reachable(state).find(({ state: other }) =>
    // A TGT for a realm without a shared key becomes one for a realm on the way there.
    target !== undefined
      ? other.realm === target
      : (kdcOptions & KDC_OPTION.canonicalize) !== 0 && findLocalService(other, sname) !== undefined,
  );
  const trust = next === undefined ? undefined : state.trusts.get(next.via);
  if (trust !== undefined) return { entry: trust.outgoing, name: canonicalName(trust.outgoing) };
  return refuse(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN, `${formatComponents(sname.nameString)} is unknown`);
}

function findLocalService(state: KdcState, { nameString }: PrincipalName): Entry | undefined {
  const realm = tgsRealm(nameString);
  if (realm !== undefined && realm !== state.realm) return state.trusts.get(realm)?.outgoing;
  return state.database.find(nameString) ?? state.database.findAlias(nameString);
}

/** By an alias, or by `name@REALM` as an enterprise name of this realm (RFC 6806 section 5). */
function findOtherName({ database, realm }: KdcState, { nameType, nameString }: PrincipalName): Entry | undefined {
  const alias = database.findAlias(nameString);
  if (alias !== undefined || nameType !== NAME_TYPE.enterprise || nameString.length !== 1) return alias;
  const text = nameString[0] as string;
  const at = text.lastIndexOf("@");
  if (at < 0) return database.find([text]);
  return text.slice(at + 1).toUpperCase() === realm.toUpperCase() ? database.find([text.slice(0, at)]) : undefined;
}

function canonicalName({ components }: Entry): PrincipalName {
  return { nameType: nameTypeOf(components), nameString: components };
}
