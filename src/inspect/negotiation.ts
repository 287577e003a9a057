import { describeToken, type TokenDescription, type TokenMechanism, tokenOf, tokenWords } from "../spnego/index.ts";
import { attempt } from "./attempt.ts";
import type { TreeNode } from "./tree.ts";

/**
 * A token of SPNEGO or a message of NTLM, with what it means for a login; undefined for any other octets. `inner` gives
 * the tree of the token within.
 */
export function negotiationTree(octets: Uint8Array, inner: (token: Uint8Array) => TreeNode): TreeNode | undefined {
  const token = describeToken(octets);
  if (token.kind === "ntlm" || token.kind === "negoex") return { label: tokenWords(token), value: NO_TICKET };
  if (token.kind !== "spnego-init" && token.kind !== "spnego-response") return undefined;
  const within = tokenOf(octets);
  const children = [...fieldsOf(token), ...(within === undefined ? [] : [innerTree(within, inner)])];
  return {
    label: token.kind === "spnego-init" ? "SPNEGO offer (NegTokenInit)" : "SPNEGO answer (NegTokenResp)",
    children,
  };
}

const NO_TICKET = "not Kerberos: the client got no ticket for the service";

type Negotiation = Extract<TokenDescription, { readonly kind: "spnego-init" | "spnego-response" }>;

function fieldsOf(token: Negotiation): TreeNode[] {
  if (token.kind === "spnego-init") {
    const { mechanisms, hintName, hasMic } = token;
    const isKerberos = mechanisms.some(({ name }) => name.startsWith("Kerberos 5"));
    return [
      { label: "mechTypes", children: mechanisms.map((one, i) => ({ label: `[${i}]`, value: nameOf(one) })) },
      ...(isKerberos ? [] : [{ label: "meaning", value: NO_TICKET }]),
      ...(hintName === undefined ? [] : [{ label: "hintName", value: JSON.stringify(hintName) }]),
      ...micOf(hasMic),
    ];
  }
  const { state, mechanism, hasMic } = token;
  return [
    ...(state === undefined ? [] : [{ label: "negState", value: state }]),
    ...(mechanism === undefined ? [] : [{ label: "supportedMech", value: nameOf(mechanism) }]),
    ...micOf(hasMic),
  ];
}

function nameOf({ oid, name }: TokenMechanism): string {
  return name === oid ? oid : `${oid} (${name})`;
}

function micOf(hasMic: boolean): TreeNode[] {
  return hasMic ? [{ label: "mechListMIC", value: "there" }] : [];
}

function innerTree(octets: Uint8Array, inner: (token: Uint8Array) => TreeNode): TreeNode {
  return attempt(
    () => inner(octets),
    () => ({ label: tokenWords(describeToken(octets)), value: `${octets.length} octets` }),
  );
}
