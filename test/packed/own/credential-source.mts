// Someone's own source of credentials: a vault that knows who logs in and changes the password behind the client's back.

import {
  type CredentialHost,
  type CredentialSource,
  createClient,
  type OpenedCredentials,
  parsePrincipal,
} from "krb5-remctl";
import { decodeKeytab, keytabSecret, passwordSecret, type Secret } from "krb5-remctl/credentials";
import { startBed } from "./bed.mts";

interface Vault {
  read(path: string): Promise<{ readonly user: string; readonly password?: string; readonly keytab?: Uint8Array }>;
}

class VaultCredential implements CredentialSource {
  readonly kind = "vault";
  readonly #vault: Vault;
  readonly #path: string;

  constructor(vault: Vault, path: string) {
    this.#vault = vault;
    this.#path = path;
  }

  async open(host: CredentialHost): Promise<OpenedCredentials> {
    const { user } = await this.#vault.read(this.#path);
    const name = user.includes("@") ? user : `${user}@${host.config.libdefaults.defaultRealm}`;
    const principal = parsePrincipal(name);
    const loadSecret = async (): Promise<Secret> => {
      const { password, keytab } = await this.#vault.read(this.#path);
      if (keytab !== undefined) return keytabSecret(principal, decodeKeytab(keytab));
      return passwordSecret(principal, password ?? "");
    };
    return { principal, loadSecret };
  }
}

await using bed = await startBed();
const reads: string[] = [];
let secret = "secret";
const vault: Vault = {
  async read(path) {
    reads.push(path);
    return path === "people/alice"
      ? { user: "alice", password: secret }
      : { user: "robot@TEST.EXAMPLE", keytab: bed.realm.keytab("robot") };
  },
};
const common = { kdc: bed.kdc, port: bed.port, config: "[libdefaults]\ndefault_realm = TEST.EXAMPLE\n" };
const alice = createClient({ ...common, credentials: new VaultCredential(vault, "people/alice") });
const robot = createClient({ ...common, credentials: new VaultCredential(vault, "robots/1") });
const greetings = [];
greetings.push((await alice.remctl("localhost", ["hello", "world"])).text());
greetings.push((await robot.remctl("localhost", ["hello", "world"])).text());

// The secret is asked for at each login: one that has changed is seen.
await bed.realm.setPassword("alice", "another");
secret = "another";
alice.close();
greetings.push((await alice.remctl("localhost", ["hello", "world"])).text());
console.log(JSON.stringify({ greetings, reads: new Set(reads).size }));
