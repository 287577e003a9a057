import type { CryptoProvider } from "../../crypto/index.ts";
import { hasName } from "../../errors.ts";
import { type Principal, printableName } from "../../krb5/index.ts";
import {
  type Certificate,
  type CmsSigner,
  type Digest,
  derEcdsa,
  isSignedBy,
  openPkcs12,
  ownProblem,
  type PrivateKey,
  readCertificates,
  readPrivateKey,
  signWith,
} from "../../x509/index.ts";
import type { Pem, PkinitIdentity } from "../identity.ts";
import type { LoginContext } from "../mechanism.ts";
import type { Ask } from "../prompts.ts";

/** An identity that is read: certificates and key. */
export interface ReadyIdentity {
  /** Absent: an anonymous login. */
  readonly signer: CmsSigner | undefined;
  readonly anchors: readonly Certificate[];
  readonly pool: readonly Certificate[];
}

type SignatureHash = Exclude<Digest, "SHA-1">;

/** Those that were read, so that a passphrase is asked for once. Values: a Worker's promise is one request's. */
const known = new WeakMap<PkinitIdentity, ReadyIdentity>();

/**
 * Reads what an identity is made of. The passphrase is asked for if it is needed; without `ask`, Error. Throws
 * CredentialError `CERTIFICATE`.
 */
export async function readyIdentity(
  identity: PkinitIdentity,
  { client, encTypes: { provider } }: Pick<LoginContext, "client" | "encTypes">,
  ask: Ask = unasked,
): Promise<ReadyIdentity> {
  const found = known.get(identity);
  if (found !== undefined) return found;
  const ready = {
    signer: await signerOf(identity, client, ask, provider),
    anchors: certificatesOf(identity.anchors, "the anchors"),
    pool: certificatesOf(identity.pool ?? [], "the pool"),
  };
  known.set(identity, ready);
  return ready;
}

const unasked: Ask = () => Promise.reject(new Error("a passphrase is not asked for yet"));

async function signerOf(
  identity: PkinitIdentity,
  client: Principal,
  ask: Ask,
  provider: CryptoProvider,
): Promise<CmsSigner | undefined> {
  const { pkcs12, certificate, key, sign, passphrase } = identity;
  const chain = certificatesOf(identity.chain ?? [], "the chain");
  const askOnce = async (): Promise<string> =>
    passphrase ?? (await ask({ client, text: `Passphrase of the private key of ${printableName(client)}` }));
  if (pkcs12 !== undefined) {
    const mayBeEmpty = passphrase === undefined;
    const { keys, certificates } = await openPkcs12(pkcs12, askOnce, provider, { mayBeEmpty });
    const [own] = keys;
    if (own === undefined) throw ownProblem("missing", "the PKCS#12 file has no private key");
    for (const [index, one] of certificates.entries()) {
      if (await fits(own, one)) {
        return signerBy(one, [...certificates.filter((_, i) => i !== index), ...chain], (octets, hash) =>
          signWith(own, octets, hash),
        );
      }
    }
    throw ownProblem("mismatch", "the PKCS#12 file has no certificate of its private key");
  }
  if (certificate === undefined) return undefined;
  const [own, ...more] = certificatesOf(certificate, "the certificate");
  const after = [...more, ...chain];
  if (sign !== undefined) {
    return signerBy(own as Certificate, after, async (octets, hash) => {
      const isRsa = own?.publicKey.kind === "RSA";
      const made = new Uint8Array(await sign(octets, { name: isRsa ? "RSASSA-PKCS1-v1_5" : "ECDSA", hash }));
      return isRsa || (made[0] === 0x30 && made.length === 2 + (made[1] ?? 0)) ? made : derEcdsa(made);
    });
  }
  if (key === undefined) throw ownProblem("missing", "the certificate comes without its key: give `key` or `sign`");
  const privateKey = await readPrivateKey(key, askOnce, provider);
  return signerBy(own as Certificate, after, (octets, hash) => signWith(privateKey, octets, hash));
}

function signerBy(
  certificate: Certificate,
  chain: readonly Certificate[],
  sign: (octets: Uint8Array, hash: SignatureHash) => Promise<Uint8Array>,
): CmsSigner {
  return {
    certificate,
    chain,
    async sign(octets, hash) {
      const signature = await sign(octets, hash);
      if (await isSignedBy(certificate, octets, hash, signature)) return signature;
      throw ownProblem("mismatch", "the private key does not fit the certificate: give the key that it was made for");
    },
  };
}

/** Whether a key is that of a certificate. */
async function fits(key: PrivateKey, certificate: Certificate): Promise<boolean> {
  if (key.curve !== certificate.publicKey.curve) return false;
  const octets = Uint8Array.of(1);
  return await isSignedBy(certificate, octets, "SHA-256", await signWith(key, octets, "SHA-256"));
}

function certificatesOf(given: Pem | readonly Pem[], what: string): readonly Certificate[] {
  const list = typeof given === "string" || given instanceof Uint8Array ? [given] : given;
  try {
    return list.flatMap((one) => readCertificates(one, what));
  } catch (cause) {
    if (!hasName(cause, "DecodeError")) throw cause;
    throw ownProblem("damaged", `${what} cannot be read: give certificates in PEM or DER`, cause);
  }
}
