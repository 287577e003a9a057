import { equal } from "../bytes/index.ts";
import type { Certificate } from "./certificate.ts";
import { KEY_CERT_SIGN } from "./extensions.ts";
import { dotted } from "./oids.ts";
import { signatureProblem } from "./signature.ts";

/** What a path is looked for in. */
export interface PathParts {
  /** Those that are trusted, and no others. */
  readonly anchors: readonly Certificate[];
  /** Certificates that may stand between; anybody may have sent them. */
  readonly pool: readonly Certificate[];
  readonly now: Date;
}

const MAX_DEPTH = 8;
const MAX_SIGNATURES = 32;

/** Signatures that are good, by the issuer: of the same octets they stay so. All else is looked at each time. */
const verified = new WeakMap<Certificate, WeakSet<Certificate>>();

/**
 * Looks for a path of signatures from a certificate to an anchor (RFC 5280 section 6). Undefined where it finds one,
 * else what is wrong. A certificate that is an anchor itself is trusted as it is.
 */
export async function pathProblem(certificate: Certificate, parts: PathParts): Promise<string | undefined> {
  const own = ownProblem(certificate, parts.now);
  if (own !== undefined) return own;
  if (parts.anchors.some(({ octets }) => equal(octets, certificate.octets))) return undefined;
  return await new PathSearch(parts).problem([certificate]);
}

class PathSearch {
  readonly #parts: PathParts;
  #signatures = 0;

  constructor(parts: PathParts) {
    this.#parts = parts;
  }

  /** `chain` begins with the end's; what issued the last of it is looked for. */
  async problem(chain: readonly Certificate[]): Promise<string | undefined> {
    const certificate = chain.at(-1) as Certificate;
    // Authorities between count, but for one that renews its own key: loops end with the signatures.
    const below = chain.slice(1).filter(({ subject, issuer }) => !equal(subject, issuer)).length;
    if (below > MAX_DEPTH) return `a path of more than ${MAX_DEPTH} certificates`;
    const { anchors, pool, now } = this.#parts;
    let problem = "no anchor that was given has issued it, nor one between: add its authority to the anchors";
    for (const issuer of [...anchors, ...pool]) {
      // One that issued itself leads nowhere.
      if (!equal(issuer.subject, certificate.issuer) || equal(issuer.octets, certificate.octets)) continue;
      const refused =
        ownProblem(issuer, now) ??
        authorityProblem(issuer, below) ??
        (await this.#signatureProblem(certificate, issuer)) ??
        (await namesProblem(issuer, chain)) ??
        (anchors.includes(issuer) ? undefined : await this.problem([...chain, issuer]));
      if (refused === undefined) return undefined;
      problem = refused;
    }
    return problem;
  }

  async #signatureProblem(certificate: Certificate, issuer: Certificate): Promise<string | undefined> {
    this.#signatures += 1;
    if (this.#signatures > MAX_SIGNATURES) return `no path in ${MAX_SIGNATURES} signatures`;
    const good = verified.get(issuer) ?? new WeakSet();
    if (good.has(certificate)) return undefined;
    const problem = await signatureProblem(issuer.publicKey, {
      algorithm: certificate.signatureAlgorithm,
      parameters: certificate.signatureParameters,
      octets: certificate.tbs,
      signature: certificate.signature,
    });
    if (problem === undefined) verified.set(issuer, good.add(certificate));
    return problem;
  }
}

/** What is wrong with a certificate whatever its place. */
function ownProblem({ notBefore, notAfter, extensions }: Certificate, now: Date): string | undefined {
  if (now < notBefore) return `it is not valid before ${notBefore.toISOString()}`;
  if (now > notAfter) return `it expired at ${notAfter.toISOString()}`;
  const [refused] = extensions.refused;
  return refused === undefined ? undefined : `its extension ${dotted(refused)} is critical, and not understood here`;
}

/** Why a certificate may not issue others. */
function authorityProblem({ extensions }: Certificate, below: number): string | undefined {
  const { basicConstraints, keyUsage } = extensions;
  if (basicConstraints?.isCa !== true) return "its issuer is not an authority (basicConstraints)";
  const { pathLength } = basicConstraints;
  if (pathLength !== undefined && below > pathLength)
    return "the path is longer than its issuer allows (pathLenConstraint)";
  const maySign = keyUsage === undefined || (keyUsage & KEY_CERT_SIGN) !== 0;
  return maySign ? undefined : "its issuer's key may not sign certificates (keyUsage)";
}

/** Why an issuer may not have issued a chain, by its names. */
async function namesProblem({ extensions }: Certificate, chain: readonly Certificate[]): Promise<string | undefined> {
  const { nameConstraints } = extensions;
  if (nameConstraints === undefined) return undefined;
  const { constraintsProblem } = await import("./name-constraints.ts");
  return constraintsProblem(nameConstraints, chain);
}
