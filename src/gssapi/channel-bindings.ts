import { concat, encodeText, Writer } from "../bytes/index.ts";
import { type Checks, checkOctets, checkPart, checkWhole, kindOf } from "../checks/index.ts";
import type { CryptoProvider } from "../crypto/index.ts";

/** An address in channel bindings; the numbers of RFC 2744 Appendix A (2 is GSS_C_AF_INET). */
export interface BindingAddress {
  /** The type of the address (RFC 2744 appendix A), for example 2 for IPv4. */
  readonly type: number;
  /** The octets of the address. */
  readonly address: Uint8Array;
}

/** What ties a context to the channel it is used in (RFC 4121 section 4.1.1.2, RFC 2744 section 3.11). */
export interface ChannelBindings {
  /**
   * For TLS as RFC 5929 says: the type's name, a colon and the data, as {@link tlsServerEndPoint} and
   * {@link tlsExporter} give.
   */
  readonly applicationData: Uint8Array;
  /** The address of the initiator. Absent: unspecified. */
  readonly initiatorAddress?: BindingAddress | undefined;
  /** The address of the acceptor. Absent: unspecified. */
  readonly acceptorAddress?: BindingAddress | undefined;
}

/** Channel bindings as options take them: octets are `applicationData`. */
export type ChannelBindingsOption = ChannelBindings | Uint8Array;

/**
 * Makes the application data of `tls-server-end-point` bindings (RFC 5929 section 4).
 *
 * @param certificateHash the hash of the server's certificate, by the hash function of its signature (SHA-256 in place
 *   of MD5 and SHA-1)
 * @returns the octets, for the option `channelBindings`
 * @throws TypeError for what is not octets: the caller's mistake
 * @example
 * ```ts
 * import { createAcceptor, tlsServerEndPoint } from "krb5-remctl/gssapi";
 *
 * const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
 * const context = createAcceptor({ keytab: octets, channelBindings: tlsServerEndPoint(hash) });
 * ```
 */
export function tlsServerEndPoint(certificateHash: Uint8Array): Uint8Array {
  // An ArrayBuffer, as `crypto.subtle.digest` gives it, or a text would make bindings that nobody else has.
  checkOctets("certificateHash", certificateHash);
  return concat(encodeText("tls-server-end-point:"), certificateHash);
}

/**
 * Makes the application data of `tls-exporter` bindings (RFC 9266), which tie a token to one TLS connection.
 *
 * @param exported 32 octets that the connection exports for the label `EXPORTER-Channel-Binding` and an empty context
 * @returns the octets, for the option `channelBindings`
 * @throws TypeError for what is not octets, RangeError for another number of them: the caller's mistakes
 * @example
 * ```ts
 * import { connect } from "node:tls";
 * import { createClient } from "krb5-remctl";
 * import { createInitiator, tlsExporter } from "krb5-remctl/gssapi";
 *
 * const socket = connect(636, "ldap.example.org"); // and once it is connected:
 * const exported = socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
 * const channelBindings = tlsExporter(exported);
 * const context = createInitiator({ target: "ldap@ldap.example.org", credential: createClient(), channelBindings });
 * ```
 */
export function tlsExporter(exported: Uint8Array): Uint8Array {
  checkOctets("exported", exported);
  if (exported.length !== 32) throw new RangeError(`exported has ${exported.length} octets: RFC 9266 has 32`);
  return concat(encodeText("tls-exporter:"), exported);
}

/** The Bnd field: MD5, which the RFC demands here, over {@link encodeChannelBindings}. */
export function hashChannelBindings(provider: CryptoProvider, bindings: ChannelBindingsOption): Uint8Array {
  return provider.hash("md5", encodeChannelBindings(bindings));
}

const addressChecks: Checks<BindingAddress> = { type: [checkWhole, 0, 0xffff_ffff], address: checkOctets };

const bindingChecks: Checks<ChannelBindings> = {
  applicationData: checkOctets,
  initiatorAddress: (name, value) => checkPart(name, value, addressChecks),
  acceptorAddress: (name, value) => checkPart(name, value, addressChecks),
};

/** Checks the option `channelBindings`. Throws TypeError and RangeError: the caller's mistakes. */
export function checkChannelBindings(bindings: ChannelBindingsOption): void {
  if (kindOf(bindings) === "an object") checkPart("channelBindings", bindings, bindingChecks);
  encodeChannelBindings(bindings);
}

/**
 * What is hashed (RFC 4121 section 4.1.1.2): types and lengths in little-endian order, always there; values only where
 * they are not empty. Throws TypeError for anything that is not channel bindings.
 */
export function encodeChannelBindings(bindings: ChannelBindingsOption): Uint8Array {
  const { initiatorAddress, acceptorAddress, applicationData }: ChannelBindings =
    bindings instanceof Uint8Array ? { applicationData: bindings } : Object(bindings);
  const out = new Writer(64);
  for (const address of [initiatorAddress, acceptorAddress]) {
    writeLittleEndian(out, address?.type ?? 0);
    writeOctets(out, address === undefined ? new Uint8Array() : address.address);
  }
  writeOctets(out, applicationData);
  return out.finish();
}

function writeOctets(out: Writer, octets: Uint8Array): void {
  if (!(octets instanceof Uint8Array)) throw new TypeError("channelBindings, or a part of it, is not octets");
  writeLittleEndian(out, octets.length);
  out.bytes(octets);
}

function writeLittleEndian(out: Writer, value: number): void {
  for (const shift of [0, 8, 16, 24]) out.uint8((value >>> shift) & 0xff);
}
