// Logins by certificate and inside FAST, for every runtime, at a KDC that takes no password outside FAST. The key is one
// that WebCrypto does not give out.

import { anonymous, type Credentials, certificate, createClient, password, type Sign } from "../../src/entry/index.ts";

/** What to do; plain JSON. */
export interface CertificatesConfig {
  readonly kdc: string;
  readonly realm: string;
  readonly user: string;
  readonly password: string;
  readonly service: string;
  /** PEM; the key is PKCS#8, of RSA. */
  readonly certificate: string;
  readonly key: string;
  readonly anchors: string;
  readonly otherAnchors: string;
}

/** The code of each login's error, or "ok". */
export type CertificatesReport = Readonly<Record<string, string>>;

export async function runCertificateLogins(config: CertificatesConfig): Promise<CertificatesReport> {
  const { kdc, realm, user, service, anchors, otherAnchors } = config;
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("pkcs8", octetsOf(config.key), algorithm, false, ["sign"]);
  const sign: Sign = (data, how) => crypto.subtle.sign(how, key, data as Uint8Array<ArrayBuffer>);
  const principal = `${user}@${realm}`;
  const own = (known: string): Credentials =>
    certificate(principal, { certificate: config.certificate, sign, anchors: known });
  const login = async (credentials: Credentials, armor?: ReturnType<typeof anonymous>): Promise<string> => {
    const client = createClient({ credentials, kdc: [kdc], ...(armor === undefined ? {} : { armor }) });
    return await client.getTicket(service).then(
      () => "ok",
      (error: { readonly code?: string }) => error.code ?? String(error),
    );
  };
  const nobody = anonymous(realm, { anchors });
  return {
    certificate: await login(own(anchors)),
    "certificate inside FAST": await login(own(anchors), nobody),
    "password inside FAST": await login(password(principal, config.password), nobody),
    "password outside FAST": await login(password(principal, config.password)),
    "wrong password inside FAST": await login(password(principal, "wrong"), nobody),
    "another authority": await login(own(otherAnchors)),
  };
}

function octetsOf(pem: string): Uint8Array<ArrayBuffer> {
  const text = atob(pem.replace(/-----[^-]+-----|\s/g, ""));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
