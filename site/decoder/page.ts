import { printableText } from "../../src/bytes/index.ts";
import { strongEncTypes } from "../../src/crypto/index.ts";
import { element } from "../../src/diagram/index.ts";
import { createEncTypeSet } from "../../src/entry/gssapi.ts";
import { KeyRing, type TreeNode, TreeReader, treeOf } from "../../src/inspect/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { byId, show, toDom } from "../shared/dom.ts";
import { octetsView } from "../shared/octets-view.ts";
import { treeView } from "../shared/tree-view.ts";
import { cacheTree, configTree, keytabTree, type Tools } from "./files.ts";
import { type Input, recognize } from "./recognize.ts";
import { unusualIn } from "./unusual.ts";

const input = byId("input", HTMLTextAreaElement);
const file = byId("file", HTMLInputElement);
const keytab = byId("keytab", HTMLInputElement);
const principal = byId("principal", HTMLInputElement);
const password = byId("password", HTMLInputElement);
const secrets = byId("secrets", HTMLInputElement);
const result = byId("result", HTMLElement);

/** What was dropped or chosen; it goes before the text. */
let dropped: { readonly name: string; readonly octets: Uint8Array } | undefined;

byId("form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void decode();
});
secrets.addEventListener("change", () => void decode());
input.addEventListener("input", () => {
  dropped = undefined;
});
file.addEventListener("change", () => void take(file.files?.[0]));
input.addEventListener("dragover", (event) => event.preventDefault());
input.addEventListener("drop", (event) => {
  event.preventDefault();
  const [first] = event.dataTransfer?.files ?? [];
  if (first !== undefined) void take(first);
  else input.value = event.dataTransfer?.getData("text/plain") ?? "";
});
if (location.protocol !== "file:") byId("advice", HTMLElement).hidden = false;

async function take(chosen: File | undefined): Promise<void> {
  if (chosen === undefined) return;
  dropped = { name: chosen.name, octets: new Uint8Array(await chosen.arrayBuffer()) };
  input.value = `(the file ${printableText(chosen.name, 100)}, ${dropped.octets.length} octets)`;
  await decode();
}

async function decode(): Promise<void> {
  try {
    const octets = dropped?.octets ?? new TextEncoder().encode(input.value);
    const keys = await keysOf();
    const withSecrets = secrets.checked;
    const tools: Tools = { keys, withSecrets, reader: new TreeReader(keys, { withSecrets, withOctets: false }) };
    const what = recognize(octets);
    const trees = treesOf(what, tools);
    await tools.reader.settle();
    const title = what.kind === "messages" ? what.from : `a ${what.kind}`;
    show(
      result,
      toDom(element("h2", {}, `This is ${title}.`)),
      ...trees.flatMap((tree, index) => nodesOf(what, tree, index)),
    );
  } catch (error) {
    // An error of ours quotes no secret; it stands as text.
    show(result, toDom(element("p", { class: "outcome error" }, `It does not read: ${(error as Error).message}`)));
  }
}

function treesOf(what: Input, tools: Tools): TreeNode[] {
  switch (what.kind) {
    case "krb5.conf":
      return [configTree(what.text)];
    case "keytab":
      return [keytabTree(what.octets, tools)];
    case "credential cache":
      return [cacheTree(what.octets, tools)];
    case "messages":
      return what.messages.map((message) => treeOf(message, tools));
  }
}

function nodesOf(what: Input, tree: TreeNode, index: number): Node[] {
  const unusual = unusualIn(tree);
  const nodes: Node[] = [];
  if (unusual.length > 0) {
    const list = element("ul", {}, ...unusual.map((words) => element("li", {}, words)));
    nodes.push(toDom(element("div", { class: "unusual" }, element("strong", {}, "Look at this:"), list)));
  }
  nodes.push(toDom(treeView(tree)));
  // The octets of files are keys.
  if (what.kind === "messages") nodes.push(toDom(octetsView(what.messages[index] as Uint8Array)));
  return nodes;
}

async function keysOf(): Promise<KeyRing> {
  const encTypes = await createEncTypeSet();
  const keys = new KeyRing(encTypes);
  const [chosen] = keytab.files ?? [];
  if (chosen !== undefined) {
    const reader = new TreeReader(keys, { withSecrets: false, withOctets: false });
    keytabTree(new Uint8Array(await chosen.arrayBuffer()), { keys, withSecrets: false, reader });
  }
  if (password.value !== "" && principal.value !== "") {
    const { realm, components } = parsePrincipal(principal.value);
    const salt = new TextEncoder().encode(realm + components.join(""));
    const secret = new TextEncoder().encode(password.value);
    for (const type of strongEncTypes) {
      const octets = await type.stringToKey(encTypes.provider, secret, salt, undefined);
      keys.add(type.etype, octets, "the password");
    }
  }
  return keys;
}
