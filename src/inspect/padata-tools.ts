import type { EncryptedData } from "../krb5/index.ts";
import type { Certificate } from "../x509/index.ts";
import type { KeyRing } from "./keys.ts";
import type { Sealed } from "./sealed.ts";
import type { TreeNode } from "./tree.ts";

/** What reads the parts of pre-authentication data. */
export interface PadataTools {
  readonly keys: KeyRing;
  readonly anchors: readonly Certificate[];
  /** Whether octets are shown in full. */
  readonly withOctets: boolean;
  fields(value: object, owner: string): TreeNode[];
  elements(items: readonly object[]): TreeNode[];
  opened(label: string, data: EncryptedData, sealed: Sealed): TreeNode;
  later(found: { readonly label: string; readonly value: Promise<string> }): TreeNode;
}
