import { isKerberosError } from "../errors.ts";
import { decodePkinit } from "../preauth/index.ts";
import { decodeSignedData, pathProblem, type SignedData, verifySignedData } from "../x509/index.ts";
import { attempt } from "./attempt.ts";
import { certificateTree, nameWords } from "./certificates.ts";
import { derTree } from "./der.ts";
import { oidWords } from "./object-identifiers.ts";
import type { PadataTools } from "./padata-tools.ts";
import type { TreeNode } from "./tree.ts";

/** id-pkinit-authData and id-pkinit-DHKeyData (RFC 4556 section 3.2). */
const AUTH_DATA = "2b060105020301";
const DH_KEY_DATA = "2b060105020302";

/** PA-PK-AS-REQ (RFC 4556 section 3.2.1): signed, and not encrypted. */
export function pkAsReqTree(octets: Uint8Array, tools: PkinitTools): readonly TreeNode[] {
  const { signedAuthPack, ...rest } = decodePkinit("PA-PK-AS-REQ", octets);
  const children = [signedTree("signedAuthPack", signedAuthPack, tools), ...tools.fields(rest, "PA-PK-AS-REQ")];
  return [{ label: "PA-PK-AS-REQ", children }];
}

/** PA-PK-AS-REP (RFC 4556 section 3.2.3). */
export function pkAsRepTree(octets: Uint8Array, tools: PkinitTools): readonly TreeNode[] {
  const { dhInfo, encKeyPack } = decodePkinit("PA-PK-AS-REP", octets);
  if (dhInfo === undefined) return [{ label: "PA-PK-AS-REP", children: [inner("encKeyPack", encKeyPack, tools)] }];
  const { dhSignedData, ...rest } = dhInfo;
  const signed = signedTree("dhSignedData", dhSignedData, tools);
  const info = { label: "dhInfo", children: [signed, ...tools.fields(rest, "DHRepInfo")] };
  return [{ label: "PA-PK-AS-REP", children: [info] }];
}

type PkinitTools = Pick<PadataTools, "fields" | "later" | "anchors" | "withOctets">;

/** A SignedData: what is signed, the certificates, and whether the signature is right. */
function signedTree(label: string, octets: Uint8Array, tools: PkinitTools): TreeNode {
  return attempt(
    () => signedDataTree(label, decodeSignedData(octets), tools),
    ({ message }) => ({ label, value: message }),
  );
}

function signedDataTree(label: string, data: SignedData, tools: PkinitTools): TreeNode {
  const { contentType, content, certificates, signers } = data;
  const signature =
    signers.length === 0
      ? { label: "signature", value: "not signed: an anonymous login" }
      : tools.later({ label: "signature", value: signatureWords(data, tools.anchors) });
  return {
    label,
    children: [
      { label: "contentType", value: oidWords(contentType) },
      contentTree(contentType, content, tools),
      ...certificates.map((one) => certificateTree(one)),
      signature,
    ],
  };
}

function contentTree(type: string, content: Uint8Array, tools: PkinitTools): TreeNode {
  const name = type === AUTH_DATA ? "AuthPack" : "KDCDHKeyInfo";
  if (type !== AUTH_DATA && type !== DH_KEY_DATA) return inner("eContent", content, tools);
  return attempt<TreeNode>(
    () => ({ label: name, children: tools.fields(decodePkinit(name, content), name) }),
    ({ message }) => ({ label: name, value: message }),
  );
}

/** Whether the signature is right, and where its certificate leads. */
async function signatureWords(data: SignedData, anchors: PkinitTools["anchors"]): Promise<string> {
  try {
    const { signer, problem } = await verifySignedData(data, anchors);
    if (signer === undefined) return `refused: ${problem}`;
    const by = `right, by the key of ${nameWords(signer.subject)}`;
    if (anchors.length === 0) return by;
    const path = await pathProblem(signer, { anchors, pool: data.certificates, now: new Date() });
    return path === undefined ? `${by}, whose path leads to an authority that was given` : `${by}; its path: ${path}`;
  } catch (error) {
    if (!isKerberosError(error)) throw error;
    return error.message;
  }
}

function inner(label: string, octets: Uint8Array, tools: PkinitTools): TreeNode {
  return attempt<TreeNode>(
    () => ({ label, children: [derTree(octets, tools)] }),
    () => ({ label, value: `${octets.length} octets` }),
  );
}
