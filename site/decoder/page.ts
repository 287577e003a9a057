import { printableText } from "../../src/bytes/index.ts";
import { strongEncTypes } from "../../src/crypto/index.ts";
import { element } from "../../src/diagram/index.ts";
import { createEncTypeSet } from "../../src/entry/gssapi.ts";
import { KeyRing, type TreeNode, TreeReader, treeOf } from "../../src/inspect/index.ts";
import { parsePrincipal } from "../../src/krb5/index.ts";
import { byId, show, toDom } from "../shared/dom.ts";
import { octetsView } from "../shared/octets-view.ts";
import { type LinesLeft, linesOfPage, treeView } from "../shared/tree-view.ts";
import { cacheTree, configTree, keytabTree, type Tools } from "./files.ts";
import { bounded, type Input, recognize } from "./recognize.ts";
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

/** More than a person opens; a stream of 4 MB has some ten thousand. */
const MAX_MESSAGES = 100;
let turn = 0;

async function decode(): Promise<void> {
  const mine = ++turn;
  result.setAttribute("aria-busy", "true");
  const shown = await decoded();
  if (mine !== turn) return;
  show(result, ...shown);
  result.setAttribute("aria-busy", "false");
}

async function decoded(): Promise<Node[]> {
  try {
    const octets = dropped?.octets ?? new TextEncoder().encode(input.value);
    const what = recognize(octets);
    const keys = await keysOf();
    const withSecrets = secrets.checked;
    const tools: Tools = { keys, withSecrets, reader: new TreeReader(keys, { withSecrets, withOctets: false }) };
    const trees = treesOf(what, tools);
    await tools.reader.settle();
    const title = what.kind === "messages" ? what.from : `a ${what.kind}`;
    const left = linesOfPage();
    return [
      toDom(
        element("h2", {}, `${/^\d/.test(title) || title.startsWith("messages") ? "These are" : "This is"} ${title}.`),
      ),
      ...trees.flatMap((tree, index) => (left.nodes > 0 ? nodesOf(what, tree, index, left) : [])),
      ...leftOut(what),
    ];
  } catch (error) {
    // An error of ours quotes no secret; it stands as text.
    return [toDom(element("p", { class: "outcome error" }, `It does not read: ${(error as Error).message}`))];
  }
}

function leftOut(what: Input): Node[] {
  if (what.kind !== "messages" || what.messages.length <= MAX_MESSAGES) return [];
  return [toDom(element("p", {}, `Only ${MAX_MESSAGES} of ${what.messages.length} messages are read.`))];
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
      return what.messages.slice(0, MAX_MESSAGES).map((message) => treeOf(message, tools));
  }
}

function nodesOf(what: Input, tree: TreeNode, index: number, left: LinesLeft): Node[] {
  const unusual = unusualIn(tree);
  const nodes: Node[] = [];
  if (unusual.length > 0) {
    const list = element("ul", {}, ...unusual.map((words) => element("li", {}, words)));
    nodes.push(toDom(element("div", { class: "unusual" }, element("strong", {}, "Look at this:"), list)));
  }
  nodes.push(toDom(treeView(tree, left)));
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
    keytabTree(bounded(new Uint8Array(await chosen.arrayBuffer())), { keys, withSecrets: false, reader });
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
