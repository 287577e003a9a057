import fc from "fast-check";
import { concat, encodeText, equal } from "../../../src/bytes/index.ts";
import { AuthenticatedConnection } from "../../../src/drivers/postgres-authentication.ts";
import { encrypt } from "../../../src/drivers/postgres-encryption.ts";
import type { SecurityContext } from "../../../src/gssapi/index.ts";
import type { Connection } from "../../../src/host/index.ts";
import { contextPair, pattern } from "../../unit/gssapi/pair.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const MESSAGES = [pattern(1), pattern(30), pattern(5000)];
const OK = message(0x52, 0, 0, 0, 0);

const noted = async (): Promise<void> => {};

/** A server's octets, in pieces of one size; what it granted comes before, by itself. */
function serverOf(octets: Uint8Array, step: number, granted?: Uint8Array): Connection {
  let at = 0;
  let first = granted;
  return {
    read: async () => {
      if (first !== undefined) {
        const answer = first;
        first = undefined;
        return answer;
      }
      if (at >= octets.length) return undefined;
      at += step;
      return octets.slice(at - step, at);
    },
    write: async () => {},
    close: async () => {},
    abort: () => {},
  };
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  try {
    for (;;) {
      const part = await connection.read();
      if (part === undefined) break;
      parts.push(part.slice());
    }
  } catch (error) {
    // What a connection that is cut has for an error, as the host's own are: it is not the library's.
    if (!(error instanceof Error) || !/^the connection ended in the middle/.test(error.message)) throw error;
  }
  return concat(...parts);
}

/** Each input begins with an octet that says how it is cut. */
const cutInputs = (seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc.nat(255).chain((cut) => mutatedOctets([...seeds]).map((changed) => concat(Uint8Array.of(cut), changed)));
const stepOf = (input: Uint8Array): number => 1 + (input[0] ?? 0) * 7;

/** Packets of GSSAPI encryption with changed octets: what comes out is a beginning of what was sent. */
export async function postgresPackets(): Promise<FuzzTarget<never>> {
  const { acceptor } = await contextPair();
  const sealed = concat(...MESSAGES.map((octets) => packet(acceptor.wrap(octets))));
  const whole = concat(...MESSAGES);
  const target: FuzzTarget<Uint8Array> = {
    name: "postgres-packets",
    inputs: cutInputs([sealed]),
    async run(input) {
      const { initiator } = await contextPair();
      // Its tokens have been exchanged.
      const established = {
        isEstablished: true,
        step: async () => undefined,
        wrapSizeLimit: () => 16_000,
        unwrap: initiator.unwrap.bind(initiator),
        dispose: initiator.dispose.bind(initiator),
      } as unknown as SecurityContext;
      const server = serverOf(input.subarray(1), stepOf(input), encodeText("G"));
      return await readAll((await encrypt(server, established, false, noted)) as Connection);
    },
    verify(octets) {
      if (!equal(octets, whole.subarray(0, octets.length))) throw new Finding("other octets came out");
    },
  };
  return target as FuzzTarget<never>;
}

/** What a server says before it has let us in, within TLS or without: nobody is let in whose context is not established. */
export function postgresMessages(): FuzzTarget<never> {
  const notice = message(0x4e, ...encodeText("SNOTICE\0Mhello\0\0"));
  const error = message(0x45, ...encodeText("SFATAL\0C28000\0Mno\0\0"));
  const [gss, sspi, more] = [7, 9, 8].map((code) => message(0x52, 0, 0, 0, code)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const rest = concat(message(0x53, ...encodeText("server_version\x0015\0")), message(0x5a, 0x49));
  const seeds = [
    concat(notice, gss, more, OK, rest),
    concat(message(0x76, 0, 3, 0, 0, 0, 0, 0, 0), sspi, error),
    concat(OK, rest),
    concat(gss, OK, rest),
  ];
  const target: FuzzTarget<Uint8Array> = {
    name: "postgres-messages",
    inputs: cutInputs(seeds),
    async run(input) {
      const never = { isEstablished: false, step: async () => pattern(20), dispose() {} } as unknown as SecurityContext;
      return await readAll(
        new AuthenticatedConnection(serverOf(input.subarray(1), stepOf(input)), () => never, false, noted),
      );
    },
    verify(octets) {
      // All that comes through before is an error, a notice or a version, whole.
      for (let at = 0; at < octets.length; ) {
        if (![0x45, 0x4e, 0x76].includes(octets[at] ?? 0)) throw new Finding("a server let us in that proved nothing");
        at += 1 + new DataView(octets.buffer, octets.byteOffset).getUint32(at + 1);
      }
    },
  };
  return target as FuzzTarget<never>;
}

function message(type: number, ...body: readonly number[]): Uint8Array {
  const length = 4 + body.length;
  return Uint8Array.of(type, 0, 0, length >> 8, length & 0xff, ...body);
}

function packet(token: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0, 0, token.length >> 8, token.length & 0xff), token);
}
