import { expect, it } from "vitest";
import { bindLdap } from "../../../src/drivers/index.ts";
import type { Connection } from "../../../src/host/index.ts";
import type { SaslClient, SecurityLayer } from "../../../src/sasl/index.ts";
import { createConnectionPair, type MemoryConnection } from "../../support/memory-connection.ts";

/** A layer whose frames are a length and the octets. */
const layer = {
  kind: "confidentiality",
  maxMessageBytes: 1_000,
  frame: (octets: Uint8Array) => Buffer.concat([Buffer.of(0, 0, 0, octets.length), octets]),
  createDeframer: () => ({
    isWithinFrame: true,
    push: (octets: Uint8Array) => [octets.subarray(4)],
  }),
} as unknown as SecurityLayer;

const sasl = (agreed?: SecurityLayer): SaslClient =>
  ({
    mechanism: "GSSAPI",
    step: async () => new Uint8Array(300),
    finish: async () => agreed,
    dispose: () => {},
  }) as unknown as SaslClient;

async function bind(answer: (far: MemoryConnection) => Promise<void>, agreed?: SecurityLayer): Promise<Connection> {
  const { client, server } = createConnectionPair();
  void server.read().then(() => answer(server));
  return await bindLdap(client, sasl(agreed));
}

const SUCCESS = "300c02010161070a010004000400";

it.each([
  ["what is not LDAP", "48545450", "answered the bind with what is not LDAP"],
  ["a length of no octets", "3080", "longer than any"],
  ["LD1: a length that is too long", "30847fffffff", "longer than any"],
  ["another message", "3006020101420161", "answered the bind with another message"],
  ["an element that is cut", "30050201016130", "answered the bind with what is not LDAP"],
  ["octets after its answer", `${SUCCESS}00`, "sent something with its answer"],
  ["a refusal, whose words it cleans", "301102010161 0c0a013104000405 6e6f1b5b21".replaceAll(" ", ""), "(result 49 no"],
])("refuses a server that answers with %s", async (_, answer, text) => {
  const bound = bind((far) => far.write(Buffer.from(answer, "hex")));
  await expect(bound).rejects.toThrow(text);
  await expect(bound).rejects.not.toThrow("\u001b");
});

it.each([
  [8, false, "leave out the option layer"],
  [8, true, "use ldap: in place of ldaps:"],
  [53, false, "signing and encryption by Kerberos go with ldap: and not with TLS"],
  [53, true, "signing and encryption by Kerberos go with ldap: and not with TLS"],
  [49, true, "the principal ldap/HOST must be in its keytab"],
])("says what to do about result %i, within TLS: %s", async (code, isTls, advice) => {
  const answer = Buffer.from(`300c02010161070a01${code.toString(16).padStart(2, "0")}04000400`, "hex");
  const { client, server } = createConnectionPair();
  void server.read().then(() => server.write(answer));
  await expect(bindLdap(client, sasl(), isTls)).rejects.toThrow(advice);
});

it("refuses a server that ends the connection", async () => {
  await expect(bind((far) => far.close())).rejects.toThrow("ended the connection instead of answering the bind");
});

it("LD2: what is cut within a frame is not an end", async () => {
  const connection = await bind(async (far) => {
    await far.write(Buffer.from(SUCCESS, "hex"));
    await far.close();
  }, layer);
  await expect(connection.read()).rejects.toThrow("within a frame");
});
