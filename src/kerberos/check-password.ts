import { Keytab } from "../credentials/index.ts";
import { ConfigError, CredentialError } from "../errors.ts";
import type { Runtime } from "../host/index.ts";
import { parsePrincipal } from "../krb5/index.ts";
import { verifyPasswordOn } from "../library/index.ts";
import { NativeError, passwordError } from "./native-error.ts";
import { ownKeys, serverKeys } from "./server-keys.ts";
import { asName } from "./service-name.ts";
import type { ConfigureOptions } from "./settings.ts";

/** What `checkPassword` of npm `kerberos` is given. */
export interface PasswordToCheck {
  readonly username: string;
  readonly password: string;
  /** The service whose key proves the KDC; empty: any of the keytab. */
  readonly service: string;
  /** The realm of a user without one. */
  readonly defaultRealm: string | undefined;
}

/**
 * Checks a password. Rule NK2: the KDC proves itself with a key of ours, or nothing that it says about a password
 * counts. Throws NativeError if the password is wrong or nothing proved it right; ConfigError without `passwords`.
 */
export async function checkPasswordOn(
  settings: ConfigureOptions,
  runtime: Runtime,
  { username, password, service, defaultRealm }: PasswordToCheck,
): Promise<void> {
  if (settings.passwords !== true) {
    throw new ConfigError(
      "checkPassword takes no password here: call configure({ passwords: true }) of krb5-remctl/kerberos first",
    );
  }
  try {
    const keys = await serverKeys(settings, runtime);
    if (!(keys instanceof Keytab)) {
      throw new CredentialError(
        "KEYTAB",
        "checkPassword needs a keytab, and configure() has another key source: give it a keytab",
      );
    }
    const own = ownKeys(keys, service.includes("@") || service.includes("/") ? service : "") as Keytab;
    const typed = asName(() => parsePrincipal(username));
    if (typed === undefined) throw new NativeError("Malformed representation of principal (-1765328250)");
    const realm = typed.realm || defaultRealm || own.principals[0]?.realm || "";
    const { credentials: _, passwords: __, replayCache: ___, ...options } = settings;
    await verifyPasswordOn({ ...typed, realm }, password, {
      ...options,
      keytab: own,
      realms: [realm],
      runtime,
    });
  } catch (error) {
    throw passwordError(error);
  }
}
