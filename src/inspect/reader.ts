import { encodeText, wipe } from "../bytes/index.ts";
import {
  decodeApReq,
  decodeAuthorizationData,
  decodeMethodData,
  decodePaData,
  decodeTypedData,
  type EncryptedData,
  type EncryptionKey,
} from "../krb5/index.ts";
import type { Certificate } from "../x509/index.ts";
import { attempt } from "./attempt.ts";
import { derTree } from "./der.ts";
import type { KeyRing, Opened } from "./keys.ts";
import { algorithmWords, isAlgorithm } from "./object-identifiers.ts";
import { padataTree } from "./padata.ts";
import type { PadataTools } from "./padata-tools.ts";
import { SEALED, type Sealed } from "./sealed.ts";
import type { TreeNode } from "./tree.ts";
import { numberWords, octetWords, SEALED_FIELDS, SECRET_FIELDS } from "./words.ts";

/** What e-data may be, in the order in which they are tried: no octets are two of them. */
const ERROR_DATA: readonly (readonly [name: string, decode: (octets: Uint8Array) => object])[] = [
  ["METHOD-DATA", decodeMethodData],
  ["TYPED-DATA", decodeTypedData],
  ["KERB-ERROR-DATA", decodePaData],
];

/** Options for {@link TreeReader}. */
export interface ReaderOptions {
  readonly withSecrets: boolean;
  readonly withOctets: boolean;
  /** Authorities that certificates are held against; without them only signatures are. */
  readonly anchors?: readonly Certificate[];
}

/** Turns decoded messages into a tree, and opens what the keys open. */
export class TreeReader {
  readonly #keys: KeyRing;
  readonly #withSecrets: boolean;
  /** Whether octets are shown in full. */
  readonly withOctets: boolean;
  readonly #tools: PadataTools;
  readonly #pending: Promise<void>[] = [];

  constructor(keys: KeyRing, { withSecrets, withOctets, anchors = [] }: ReaderOptions) {
    this.#keys = keys;
    this.#withSecrets = withSecrets;
    this.withOctets = withOctets;
    this.#tools = {
      keys,
      anchors,
      withOctets,
      fields: (value, owner) => this.#fields(value, owner),
      elements: (items) => this.#elements(items),
      opened: (label, data, sealed) => this.#opened(label, data, sealed),
      later: (found) => this.#later(found),
    };
  }

  /** Waits for what takes time: signatures. Then the trees are whole. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
  }

  /** A line whose value comes when {@link settle} is done. */
  #later({ label, value }: { readonly label: string; readonly value: Promise<string> }): TreeNode {
    const node = { label, value: "" };
    const done = value.then((words) => {
      node.value = words;
    });
    this.#pending.push(done);
    return node;
  }

  octets(octets: Uint8Array): string {
    return octetWords(octets, this.withOctets);
  }

  /** Octets that may be anybody's secret. */
  secret(label: string, octets: Uint8Array): TreeNode {
    if (this.#withSecrets) return { label, value: this.octets(octets) };
    return { label, value: `${octets.length} octets, a secret: not shown without -S` };
  }

  /** A message by the name of its type. */
  message(name: string, value: object): TreeNode {
    return { label: name, children: this.#fields(value, name) };
  }

  #fields(value: object, owner: string): TreeNode[] {
    return Object.entries(value).flatMap(([name, item]) =>
      item === undefined ? [] : [this.#field(name, item, value, owner)],
    );
  }

  #field(label: string, item: unknown, parent: object, owner: string): TreeNode {
    if (typeof item === "number") return { label, value: (numberWords[label] ?? String)(item) };
    if (typeof item === "string") {
      return SECRET_FIELDS.has(label) ? this.secret(label, encodeText(item)) : { label, value: JSON.stringify(item) };
    }
    if (item instanceof Date) return { label, value: item.toISOString().replace(".000Z", "Z") };
    if (item instanceof Uint8Array) return this.#octetsField(label, item, parent);
    if (Array.isArray(item)) return this.#list(label, item, owner);
    if (typeof item !== "object") return { label, value: String(item) };
    return this.#object(label, item as object, owner);
  }

  #object(label: string, item: object, owner: string): TreeNode {
    if (isName(item)) {
      const type = numberWords.nameType?.(item.nameType) ?? "";
      return { label, value: `${item.nameString.map((part) => JSON.stringify(part)).join(" / ")}, type ${type}` };
    }
    if (isEncrypted(item)) return this.#encrypted(label, item, owner);
    if (isKey(item)) this.#keys.learn(item, `the ${label} of ${owner}`);
    const inner = label === "ticket" ? "ticket" : owner;
    return { label, children: this.#fields(item, inner) };
  }

  #list(label: string, items: readonly unknown[], owner: string): TreeNode {
    if (items.every((item) => typeof item === "number")) {
      return { label, value: items.map((item) => (numberWords[label] ?? String)(item as number)).join(", ") };
    }
    const inner = /^(additionalTickets|tickets)$/.test(label) ? "ticket" : owner;
    return {
      label,
      children: items.map((item, i) => ({ label: `[${i}]`, children: this.#fields(item as object, inner) })),
    };
  }

  #octetsField(label: string, octets: Uint8Array, parent: object): TreeNode {
    if (SECRET_FIELDS.has(label)) return this.secret(label, octets);
    if (isAlgorithm(label)) return { label, value: algorithmWords(octets) };
    if (SEALED_FIELDS.has(label) && !this.withOctets) return { label, value: `${octets.length} octets` };
    const inside = this.#inside(label, octets, parent);
    if (inside === undefined) return { label, value: this.octets(octets) };
    return { label, value: `${octets.length} octets`, children: inside };
  }

  /** What an octet string holds, if that is known; undefined if it is not, or is not what it should be. */
  #inside(label: string, octets: Uint8Array, parent: object): readonly TreeNode[] | undefined {
    return attempt(
      () => this.#known(label, octets, parent),
      () => undefined,
    );
  }

  #known(label: string, octets: Uint8Array, parent: object): readonly TreeNode[] | undefined {
    if (label === "padataValue") {
      return padataTree((parent as { padataType: number }).padataType, octets, this.#tools);
    }
    // Types of TYPED-DATA and of PA-DATA are of one namespace (RFC 6113 section 5.4.4).
    if (label === "dataValue") return padataTree((parent as { dataType: number }).dataType, octets, this.#tools);
    // RFC 6113 section 5.4.1.1: the only type of armor there is.
    if (label === "armorValue") return [this.message("AP-REQ", decodeApReq(octets))];
    if (label === "parameters") return [derTree(octets, this)];
    if (label === "adData" && (parent as { adType: number }).adType === 1) {
      return this.#elements(decodeAuthorizationData(octets));
    }
    return label === "eData" ? [this.#errorData(octets)] : undefined;
  }

  /** METHOD-DATA, TYPED-DATA (RFC 4120 section 5.9.1) or KERB-ERROR-DATA (MS-KILE section 2.2.1), else any DER. */
  #errorData(octets: Uint8Array): TreeNode {
    for (const [name, decode] of ERROR_DATA) {
      const value = attempt(
        () => decode(octets),
        () => undefined,
      );
      if (Array.isArray(value)) return { label: name, children: this.#elements(value) };
      if (value !== undefined) return this.message(name, value);
    }
    return derTree(octets, this);
  }

  #elements(items: readonly object[]): TreeNode[] {
    return items.map((item, i) => ({ label: `[${i}]`, children: this.#fields(item, "") }));
  }

  #encrypted(label: string, data: EncryptedData, owner: string): TreeNode {
    return this.#opened(label, data, SEALED[owner]?.[label]);
  }

  #opened(label: string, data: EncryptedData, sealed: Sealed | undefined): TreeNode {
    const { etype, kvno, cipher } = data;
    const children: TreeNode[] = [
      { label: "etype", value: numberWords.etype?.(etype) ?? String(etype) },
      ...(kvno === undefined ? [] : [{ label: "kvno", value: String(kvno) }]),
      this.#octetsField("cipher", cipher, data),
    ];
    if (sealed === undefined) return { label, children };
    if (etype === 0) return { label, children: [...children, this.#plain(sealed, cipher)] };
    const opened = this.#keys.open(data, sealed.usages);
    if ("reason" in opened) {
      if (!this.#keys.isEmpty) children.push({ label: "not opened", value: opened.reason });
      return { label, children };
    }
    children.push({ label: "opened with", value: opened.name }, this.#plain(sealed, opened.plaintext, opened));
    wipe(opened.plaintext);
    return { label, children };
  }

  #plain({ name, decode, learn }: Sealed, plaintext: Uint8Array, opened?: Opened): TreeNode {
    return attempt<TreeNode>(
      () => {
        const value = decode(plaintext);
        if (opened !== undefined) learn?.(value, opened, this.#keys);
        return this.message(name, value);
      },
      ({ message }) => ({ label: name, value: message }),
    );
  }
}

function isName(item: object): item is { readonly nameType: number; readonly nameString: readonly string[] } {
  return "nameString" in item;
}

function isEncrypted(item: object): item is EncryptedData {
  return "cipher" in item;
}

function isKey(item: object): item is EncryptionKey {
  return "keyvalue" in item;
}
