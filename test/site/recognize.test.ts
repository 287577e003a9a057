// What the decoder's page makes of what people paste.

import { expect, it } from "vitest";
import { recognize } from "../../site/decoder/recognize.ts";

const NTLM = "TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==";
const said = (text: string): unknown => {
  try {
    const found = recognize(new TextEncoder().encode(text));
    return found.kind === "messages" ? found.from : found.kind;
  } catch (error) {
    return (error as Error).message;
  }
};

it.each([
  [`Authorization: Negotiate ${NTLM}`, /^a Negotiate header$/],
  [`> Authorization: Negotiate ${NTLM}`, /^a Negotiate header$/],
  [`< WWW-Authenticate: Negotiate ${NTLM}\r\n`, /^a Negotiate header$/],
  [`Proxy-Authorization: NTLM ${NTLM}`, /^an NTLM header$/],
  [`> GET / HTTP/1.1\n> Authorization: Negotiate ${NTLM}\n> User-Agent: curl\n`, /^a Negotiate header$/],
  [`Authorization: Negotiate ${NTLM}\n\nWWW-Authenticate: Negotiate ${NTLM}\n`, /^2 headers$/],
  ["HTTP/1.1 401 Unauthorized\nServer: x\n", /^this is an HTTP message without a Negotiate token; paste the line/],
  ["> GET / HTTP/1.1\n> Host: a\n", /^this is an HTTP message without a Negotiate token; paste the line/],
  ["hello there", /text that is neither hexadecimal, nor a hex dump, nor base64/],
  ["WWW-Authenticate: Negotiate", /^this is a Negotiate header without a token: .*paste/],
  ["Authorization: Basic YWxpY2U6c2VjcmV0", /^this is a header of another scheme/],
  ["Bearer abc.def", /^this is a header of another scheme/],
  ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", /^this is a certificate or its key; .*paste one/],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIB", /^this is a certificate or its key/],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", /^this is a JSON web token; .*paste one/],
  ["# mine\n[libdefaults]\n default_realm = A\n", /^krb5\.conf$/],
  ["\ufeff[realms]\r\n A = {\r\n }\r\n", /^krb5\.conf$/],
])("%j", (text, words) => {
  expect(said(text)).toMatch(words);
});

it("quotes nothing of a password that a header holds", () => {
  expect(said("Authorization: Basic YWxpY2U6c2VjcmV0")).not.toContain("YWxp");
});
