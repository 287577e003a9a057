import { decodeUtf8 } from "../../../src/bytes/index.ts";
import {
  isConfText,
  type Krb5Config,
  type Libdefaults,
  parseKrb5Conf,
  type RealmConfig,
} from "../../../src/config/index.ts";
import { KerberosError } from "../../../src/errors.ts";
import { mutatedText } from "../mutate/text.ts";
import type { FuzzTarget } from "../target.ts";

const SAMPLE = `# a comment
[libdefaults]
	default_realm = EXAMPLE.ORG
	dns_lookup_kdc = false
	permitted_enctypes = aes256-cts aes128-cts -des3 DEFAULT
	ticket_lifetime = 10h30m
	renew_lifetime = 7d
	clockskew = 5m
	udp_preference_limit = 1400
	default_ccache_name = FILE:/tmp/krb5cc_%{uid}
	EXAMPLE.ORG = {
		forwardable = yes
	}
[realms]
	EXAMPLE.ORG = {
		kdc = kdc.example.org:88
		kdc = [2001:db8::1]:750
		kdc = https://proxy.example.org/KdcProxy
		admin_server = "kdc.example.org"
		disable_encrypted_timestamp = off
	}*
[domain_realm]
	.example.org = EXAMPLE.ORG
	host.example.org = EXAMPLE.ORG
[capaths]
	A.EXAMPLE = {
		C.EXAMPLE = B.EXAMPLE
		B.EXAMPLE = .
	}
`;
const PIECES = [
  ..."{}[]=*#;\"'\\\n\r\t\0 -+:.%&",
  "a = {\n",
  "}\n",
  "[libdefaults]\n",
  "[realms]\nEXAMPLE.ORG = {\n",
  "kdc = ",
  "include /etc/krb5.conf\n",
  "includedir /etc/krb5.conf.d\n",
  "module /x.so:y\n",
  '"\\n\\t\\b\\\\"',
  "99999999999999999999",
  "1d2h3m4s",
  "1:2:3",
  "__proto__ = 1\n",
  "constructor = { prototype = x }\n",
  "\ufeff",
  "é\u{1f511}",
  "aes256-cts:normal ",
  "%{uid}%{null}%{",
];

/** krb5.conf as text: parsed, and every value of its typed view asked for. */
export function krb5Conf(): FuzzTarget<never> {
  const target: FuzzTarget<Krb5Config> = {
    name: "krb5-conf",
    inputs: mutatedText([SAMPLE, SAMPLE.slice(0, 200), ""], PIECES),
    run(input) {
      const config = parseKrb5Conf(textOf(input));
      const realms = ["EXAMPLE.ORG", ...config.realms.slice(0, 20)];
      for (const realm of realms) {
        read(config.libdefaultsOf(realm));
        const found = config.getRealm(realm);
        if (found !== undefined) read(found);
        guarded(() => config.kdcs(realm));
        guarded(() => config.capaths("A.EXAMPLE", realm));
      }
      guarded(() => config.domainRealm("host.example.org"));
      return config;
    },
  };
  return target as FuzzTarget<never>;
}

/** Every property of a view. */
function read(view: Libdefaults | RealmConfig): void {
  const properties = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(view));
  for (const [name, { get }] of Object.entries(properties)) {
    if (get !== undefined) guarded(() => (view as unknown as Record<string, unknown>)[name]);
  }
}

/** A value that cannot be read is a typed error, and the others can be read all the same. */
function guarded(use: () => unknown): void {
  try {
    use();
  } catch (error) {
    if (!(error instanceof KerberosError)) throw error;
  }
}

/** One line without a section is taken for the name of a file: not so as the second. */
function textOf(input: Uint8Array): string {
  const text = decodeUtf8(input);
  return isConfText(text) ? text : `\n${text}`;
}
