import type { TreeNode } from "../../src/inspect/index.ts";

/** Names of encryption types that are broken or deprecated (RFC 6649, RFC 8429). */
const WEAK = /\bdes-|\bdes3-|arcfour|rc4|\bDES\b/i;
const AES = /aes(?:128|256)/i;
/** What a krb5.conf lists encryption types in. */
const LISTS = /^(?:permitted|default_(?:tkt|tgs)|supported|master_key)_enctypes$/;

/** What a person should look at in a tree: a sentence each, every one once. */
export function unusualIn(root: TreeNode, now: Date = new Date()): string[] {
  const found = new Set<string>();
  walk(root, (node, parent) => {
    for (const words of wordsOn(node, parent, now)) found.add(words);
  });
  return [...found];
}

function* wordsOn(node: TreeNode, parent: TreeNode | undefined, now: Date): Generator<string> {
  const { label, value = "", children = [] } = node;
  if ((label === "etype" || label === "keytype") && WEAK.test(value)) {
    yield `A weak encryption type: ${value}. It can be broken; use AES (RFC 8429).`;
  }
  if (label === "etypes" || label === "etype") {
    const offered = children.length > 0 ? children.map((child) => child.value ?? "").join(" ") : value;
    const isList = children.length > 0 || value.includes(",");
    if (isList && !AES.test(offered)) yield "No AES among the encryption types that are offered.";
  }
  if (label === "keytab") {
    const withAes = new Set(children.filter(hasAes).map((entry) => entry.value));
    for (const name of new Set(children.map((entry) => entry.value))) {
      if (!withAes.has(name)) yield `No AES key of ${name}: write the keytab anew, after a new password if need be.`;
    }
  }
  if (LISTS.test(label) && WEAK.test(value)) {
    yield `Weak encryption types in ${label}: ${value}. They can be broken; use AES (RFC 8429).`;
  }
  if (label === "allow_weak_crypto" && /^(?:y|yes|true|t|1|on)$/i.test(value)) {
    yield "allow_weak_crypto lets encryption types be used that can be broken: leave it out (RFC 6649).";
  }
  if (label === "endtime" && parent?.label !== "reqBody") {
    const end = Date.parse(value.slice(0, 24));
    if (!Number.isNaN(end) && end < now.getTime()) yield `A ticket that ended: ${value}.`;
  }
  if (label === "flags" && /\binvalid\b/i.test(value))
    yield "An invalid ticket: it must be validated before it is used.";
  if (label === "flags" && /ok.?as.?delegate/i.test(value)) {
    yield "The KDC trusts this service with delegated tickets (ok-as-delegate).";
  }
  if (label === "flags" && /anonymous/i.test(value)) yield "An anonymous ticket (RFC 8062).";
  if (label === "pvno" && value !== "5") yield `Version ${value} of the protocol; 5 was expected.`;
  if (label === "eText" && value !== "") yield "The words of an error are not protected: anyone may have sent them.";
  if (label === "GSS token of another mechanism") {
    yield "A token of another mechanism than Kerberos: SPNEGO, or NTLM where the client got no ticket.";
  }
}

/** Whether an entry of a keytab has a key of AES. */
function hasAes({ children = [] }: TreeNode): boolean {
  return children.some(({ label, value = "" }) => label === "etype" && AES.test(value));
}

function walk(node: TreeNode, visit: (node: TreeNode, parent: TreeNode | undefined) => void, parent?: TreeNode): void {
  visit(node, parent);
  for (const child of node.children ?? []) walk(child, visit, node);
}
