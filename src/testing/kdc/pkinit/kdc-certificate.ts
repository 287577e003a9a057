import { NAME_TYPE } from "../../../iana/index.ts";
import type { KdcState } from "../state.ts";
import { validityFrom } from "./authority.ts";
import { type CertificateParts, issueCertificate } from "./issuer.ts";
import type { Signer } from "./signed-data.ts";
import { authorityOf, toolsOf } from "./tools.ts";

/** The KDC's certificate (RFC 4556 section 3.2.4), new for each reply: a fault can be in any part of it. */
export function newCertificate(state: KdcState): Signer {
  const { signer, kdc } = authorityOf(state);
  const realm = state.mischief === "pkinit-other-kdc" ? "OTHER.EXAMPLE" : state.realm;
  const parts: CertificateParts = {
    subject: kdc.name,
    spki: kdc.spki,
    ...validityFrom(state.now()),
    usage: "kdcUsage",
    names: [{ realm, nameType: NAME_TYPE.srvInst, nameString: ["krbtgt", realm] }],
  };
  switch (state.mischief) {
    case "pkinit-nameless-kdc":
      return { key: kdc, certificate: issueCertificate(toolsOf(state), signer, { ...parts, names: [] }) };
    case "pkinit-expired-kdc": {
      const notAfter = new Date(state.now().getTime() - 1000);
      return { key: kdc, certificate: issueCertificate(toolsOf(state), signer, { ...parts, notAfter }) };
    }
    case "pkinit-unknown-authority":
      // The authority's name, under a key that it does not have.
      return {
        key: kdc,
        certificate: issueCertificate(toolsOf(state), { ...signer, secret: signer.secret + 1n }, parts),
      };
    default:
      return { key: kdc, certificate: issueCertificate(toolsOf(state), signer, parts) };
  }
}
