import { PADATA } from "../iana/index.ts";
import {
  decodeApReq,
  decodeChecksum,
  decodeEncryptedData,
  decodeEtypeInfo,
  decodeEtypeInfo2,
  decodeKrbError,
  decodePaPacRequest,
  ntStatusIn,
} from "../krb5/index.ts";
import { decodePaSpake, decodePkinit, fastMessages, otpMessages } from "../preauth/index.ts";
import { attempt } from "./attempt.ts";
import { derTree } from "./der.ts";
import type { PadataTools } from "./padata-tools.ts";
import { pkAsRepTree, pkAsReqTree } from "./pkinit.ts";
import { SEALED_PADATA } from "./sealed.ts";
import type { TreeNode } from "./tree.ts";
import { ntStatusWords } from "./words.ts";

/** The tree of a PA-DATA's or typed data's value; undefined where its octets say all. Throws DecodeError. */
export function padataTree(type: number, octets: Uint8Array, tools: PadataTools): readonly TreeNode[] | undefined {
  const message = (name: string, value: object): TreeNode[] => [{ label: name, children: tools.fields(value, name) }];
  switch (type) {
    case PADATA.tgsReq:
      return message("AP-REQ", decodeApReq(octets));
    case PADATA.encTimestamp:
      return [tools.opened("PA-ENC-TIMESTAMP", decodeEncryptedData(octets), SEALED_PADATA.encTimestamp)];
    case PADATA.encryptedChallenge:
      tools.keys.learnChallenges();
      return [tools.opened("PA-ENCRYPTED-CHALLENGE", decodeEncryptedData(octets), SEALED_PADATA.encryptedChallenge)];
    case PADATA.pkinitKx:
      return [tools.opened("PA-PKINIT-KX", decodeEncryptedData(octets), SEALED_PADATA.pkinitKx)];
    case PADATA.etypeInfo:
      return tools.elements(decodeEtypeInfo(octets));
    case PADATA.etypeInfo2:
      return tools.elements(decodeEtypeInfo2(octets));
    case PADATA.pacRequest:
      return tools.fields(decodePaPacRequest(octets), "PA-PAC-REQUEST");
    case PADATA.reqEncPaRep:
      return tools.fields(decodeChecksum(octets), "Checksum");
    case PADATA.fxFast:
      return fastTree(octets, message);
    case PADATA.fxError:
      return message("KRB-ERROR", decodeKrbError(octets));
    case PADATA.spake:
      return tools.fields(decodePaSpake(octets), "PA-SPAKE");
    case PADATA.pkAsReq:
      return pkAsReqTree(octets, tools);
    case PADATA.pkAsRep:
      return pkAsRepTree(octets, tools);
    case PADATA.tdDhParameters:
      return tools.elements(decodePkinit("TD-DH-PARAMETERS", octets));
    case PADATA.otpChallenge:
      return message("PA-OTP-CHALLENGE", otpMessages.decode("PA-OTP-CHALLENGE", octets));
    case PADATA.otpRequest:
      return message("PA-OTP-REQUEST", otpMessages.decode("PA-OTP-REQUEST", octets));
    case PADATA.otpPinChange:
      return message("PA-OTP-PIN-CHANGE", otpMessages.decode("PA-OTP-PIN-CHANGE", octets));
    case PADATA.pwSalt: {
      // Beside an error of Active Directory it is not a salt.
      const status = ntStatusIn(octets);
      return status === undefined ? undefined : [{ label: "NTSTATUS", value: ntStatusWords(status) }];
    }
    case PADATA.fxCookie:
    case PADATA.asFreshness:
      return undefined;
    default:
      return [derTree(octets, tools)];
  }
}

/** A request and a reply have one tag (RFC 6113 sections 5.4.2 and 5.4.3); what is in it tells which. */
function fastTree(octets: Uint8Array, message: (name: string, value: object) => TreeNode[]): TreeNode[] {
  return attempt(
    () => message("PA-FX-FAST-REQUEST", fastMessages.decode("PA-FX-FAST-REQUEST", octets)),
    () => message("PA-FX-FAST-REPLY", fastMessages.decode("PA-FX-FAST-REPLY", octets)),
  );
}
