import { badValue, type Profile, type Relation } from "./profile.ts";
import { parseBoolean } from "./values.ts";

/**
 * What a krb5.conf says of logins with certificates to one realm (`pkinit_*`): its block of `[libdefaults]`, else that
 * of `[realms]`, else `[libdefaults]` itself. The first of these that has a tag is all that counts, as with MIT.
 */
export class PkinitConfig {
  readonly #profile: Profile;
  readonly #realm: string;

  /** Reads nothing yet. */
  constructor(profile: Profile, realm: string) {
    this.#profile = profile;
    this.#realm = realm;
  }

  /** `pkinit_anchors`: `FILE:...`, `DIR:...` or `ENV:...`. */
  get anchors(): readonly Relation[] {
    return this.#all("pkinit_anchors");
  }

  /** `pkinit_pool`: certificates between the KDC's and the anchors, in the same form. */
  get pool(): readonly Relation[] {
    return this.#all("pkinit_pool");
  }

  /** `pkinit_identities`, in the order to try. */
  get identities(): readonly string[] {
    return this.#all("pkinit_identities").map(({ value }) => value);
  }

  /** `pkinit_kdc_hostname`: names of hosts that a KDC's certificate may be for. */
  get kdcHostnames(): readonly string[] {
    return this.#all("pkinit_kdc_hostname").map(({ value }) => value);
  }

  /** `pkinit_eku_checking`. Default `kpKDC`. Throws ConfigError for `none`, which would let anybody be the KDC. */
  get ekuChecking(): "kpKDC" | "kpServerAuth" {
    const [relation] = this.#all("pkinit_eku_checking");
    const value = relation?.value ?? "kpKDC";
    if (value === "kpKDC" || value === "kpServerAuth") return value;
    throw badValue(relation as Relation, "kpKDC or kpServerAuth: what a certificate is for is always looked at");
  }

  /** `pkinit_dh_min_bits`, 2048 or 4096. Throws ConfigError for more. */
  get dhMinBits(): 2048 | 4096 {
    const [relation] = this.#all("pkinit_dh_min_bits");
    const bits = Number(relation?.value ?? 2048);
    if (relation !== undefined && !(bits <= 4096)) throw badValue(relation, "a number of bits, 4096 at most");
    return bits <= 2048 ? 2048 : 4096;
  }

  /**
   * Throws ConfigError for what would be ignored: lists of revoked certificates that are required, and a choice among
   * certificates by rules.
   */
  refuseUnsupported(): void {
    const [crl] = this.#all("pkinit_require_crl_checking");
    if (crl !== undefined && parseBoolean(crl.value) === true) {
      throw badValue(crl, "false: lists of revoked certificates are not read");
    }
    const [match] = this.#all("pkinit_cert_match");
    if (match !== undefined) throw badValue(match, "nothing: name the one certificate in pkinit_identities");
  }

  #all(tag: string): readonly Relation[] {
    const blocks = [["libdefaults", this.#realm], ["realms", this.#realm], ["libdefaults"]];
    for (const block of blocks) {
      const found = this.#profile.relations([...block, tag]);
      if (found.length > 0) return found;
    }
    return [];
  }
}
