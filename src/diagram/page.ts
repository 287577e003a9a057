import { encodeBase64 } from "../bytes/index.ts";
import { type ElementNode, htmlOf } from "./element.ts";

/**
 * A whole page in one file, with no script: its policy lets nothing in but its own style, so that the file shows the
 * same wherever it is opened, and asks nobody for anything.
 */
export async function pageOf(title: string, style: string, ...body: readonly ElementNode[]): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  const policy = `default-src 'none'; style-src 'sha256-${encodeBase64(digest)}'; base-uri 'none'; form-action 'none'`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    htmlOf({ tag: "title", attributes: {}, children: [title] }),
    `<style>${style}</style>`,
    `<body><main>${body.map(htmlOf).join("\n")}</main></body>`,
    "</html>",
    "",
  ].join("\n");
}
