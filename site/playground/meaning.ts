import type { TreeNode } from "../../src/inspect/index.ts";
import type { Message } from "./session.ts";

/** What a message is and what it is for, in a sentence. */
export interface Meaning {
  readonly label: string;
  readonly detail: string;
  readonly isError: boolean;
}

const SENTENCES: Readonly<Record<string, string>> = {
  "AS-REQ": "The client asks for a ticket-granting ticket.",
  "AS-REP": "The KDC gives a ticket-granting ticket, and a session key that only the password's key opens.",
  "TGS-REQ": "The client shows its ticket-granting ticket and asks for the server's ticket. No password is needed.",
  "TGS-REP": "The KDC gives a ticket that only the server opens.",
};

/** The meaning of a message, from its tree. */
export function meaningOf({ from }: Message, tree: TreeNode): Meaning {
  if (tree.label === "KRB-ERROR") return errorMeaning(tree);
  const sentence = SENTENCES[tree.label];
  if (sentence !== undefined) {
    const proof = tree.label === "AS-REQ" ? proofOf(tree) : "";
    return { label: tree.label, detail: `${sentence}${proof}`, isError: false };
  }
  if (tree.label === "remctl packets") return packetMeaning(from, tree);
  return { label: tree.label, detail: "Not a message that was expected here.", isError: true };
}

/** Errors that go on with a login (RFC 4120 section 5.9.1; RFC 6113 section 5.2). */
const ASKING: readonly (readonly [code: string, words: string])[] = [
  ["KDC_ERR_PREAUTH_REQUIRED", "The KDC asks for a proof first, and says which proofs it takes."],
  ["KDC_ERR_MORE_PREAUTH_DATA_REQUIRED", "The KDC goes on with the proof that the client began."],
];

function errorMeaning(tree: TreeNode): Meaning {
  const code = fieldOf(tree, "errorCode") ?? "";
  const [, detail] = ASKING.find(([name]) => code.includes(name)) ?? [];
  if (detail !== undefined) return { label: "KRB-ERROR", detail, isError: false };
  return { label: "KRB-ERROR", detail: `The KDC refuses: ${code}.`, isError: true };
}

function proofOf(tree: TreeNode): string {
  const types = (tree.children ?? [])
    .filter(({ label }) => label === "padata")
    .flatMap(({ children = [] }) => children)
    .map((item) => fieldOf(item, "padataType") ?? "");
  if (types.some((type) => type.startsWith("2 ")))
    return " It proves that it knows the password with the encrypted time.";
  if (types.some((type) => type.startsWith("151 ")))
    return " It goes on with SPAKE, which gives a listener nothing to guess at.";
  return " It has proven nothing yet.";
}

function packetMeaning(from: Message["from"], tree: TreeNode): Meaning {
  const [packet] = tree.children ?? [];
  const inside = packet?.children?.[0];
  const isFromClient = from === "client";
  if (inside?.label === "GSS context token") {
    const holds = inside.children?.at(-1)?.label ?? "";
    const sentences: Readonly<Record<string, string>> = {
      "AP-REQ": "The client shows the ticket, and proves that it has the session key.",
      "AP-REP": "The server proves that it could open the ticket: now both know each other.",
      "KRB-ERROR": "The server refuses the ticket.",
    };
    return {
      label: holds === "" ? "context token" : holds,
      detail: sentences[holds] ?? "A message that sets up the context.",
      isError: holds === "KRB-ERROR",
    };
  }
  if (inside?.label === "GSS Wrap token") {
    const detail = isFromClient
      ? "The command, or the word that ends the session: encrypted."
      : "Output or exit status: encrypted.";
    return { label: isFromClient ? "command" : "answer", detail, isError: false };
  }
  return { label: "greeting", detail: "Both say that they speak remctl.", isError: false };
}

/** The value of a field of a tree's first level. */
function fieldOf(tree: TreeNode, label: string): string | undefined {
  return tree.children?.find((child) => child.label === label)?.value;
}
