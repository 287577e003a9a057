// Someone's own mechanism of pre-authentication: PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2) once more, its DER by hand.

import {
  createClient,
  createKerberos,
  hintFor,
  KerberosError,
  type KeyHint,
  type LoginContext,
  longTermReplyKey,
  type PaData,
  type PreauthMechanism,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
  type ProtocolKey,
  password,
} from "krb5-remctl";
import { createClient as createLeanClient } from "krb5-remctl/lean/node";
import { startBed } from "./bed.mts";

const ENC_TIMESTAMP = 2;
const name = "PA-MINE";
let proofs = 0;

/** Whether the run goes on is up to its mechanism: this one has one message. */
class Run implements PreauthRun {
  readonly #login: LoginContext;
  #hint: KeyHint | undefined;
  isFinal = false;

  constructor(login: LoginContext) {
    this.#login = login;
  }

  async answer({ offer, kdcTimeMs }: PreauthRound): Promise<readonly PaData[]> {
    this.#hint = hintFor(name, this.#login, offer);
    const key = await this.#login.longTermKey(this.#hint);
    const sealed = key.usage(1).encrypt(paEncTsEnc(kdcTimeMs()));
    this.isFinal = true;
    proofs += 1;
    return [{ padataType: ENC_TIMESTAMP, padataValue: encryptedData(key.encType.etype, sealed) }];
  }

  goesOn(): boolean {
    return false;
  }

  replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    return longTermReplyKey(this.#login, reply, this.#hint);
  }
}

const mine: PreauthMechanism = {
  type: ENC_TIMESTAMP,
  name,
  place: "any",
  canAnswer: () => true,
  begin: (login) => new Run(login),
};

function der(tag: number, ...contents: readonly (Uint8Array | number)[]): Uint8Array {
  const octets = Uint8Array.from(contents.flatMap((part) => (typeof part === "number" ? [part] : [...part])));
  return Uint8Array.from([tag, ...(octets.length < 128 ? [octets.length] : [0x81, octets.length]), ...octets]);
}

function paEncTsEnc(timeMs: number): Uint8Array {
  const time = new Date(timeMs).toISOString().replace(/[-:T]|\.\d+/g, "");
  return der(0x30, der(0xa0, der(0x18, new TextEncoder().encode(time))));
}

function encryptedData(etype: number, cipher: Uint8Array): Uint8Array {
  return der(0x30, der(0xa0, der(2, etype)), der(0xa2, der(4, cipher)));
}

await using bed = await startBed();
const options = {
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  kdc: bed.kdc,
  port: bed.port,
  service: "host/localhost@TEST.EXAMPLE",
  preauth: [mine],
};
const main = await createClient(options).remctl("127.0.0.1", ["hello", "world"]);
const lean = await createLeanClient(options).remctl("127.0.0.1", ["hello", "world"]);

const kerberos = createKerberos({ kdc: bed.kdc, preauth: [mine] });
const refused = await kerberos
  .login(password("alice@TEST.EXAMPLE", "secret"), { disabledPreauth: [ENC_TIMESTAMP] })
  .catch((error: unknown) => (error instanceof KerberosError ? error.code : error));
console.log(JSON.stringify({ greetings: [main.text(), lean.text()], proofs, refused }));
