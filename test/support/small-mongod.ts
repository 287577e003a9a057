// What of a mongod a driver needs to log in by GSSAPI and to ping: OP_MSG with one document, OP_QUERY, which drivers before 6 begin with, and SASL. MongoDB Enterprise,
// which alone has GSSAPI, cannot be had here.

import net, { type AddressInfo } from "node:net";
import { createSaslServer } from "../../src/sasl/index.ts";
import { requireDriver } from "./drivers.ts";
import type { SaslEnd } from "./small-broker.ts";

type Document = Record<string, unknown>;
interface Bson {
  serialize(document: Document): Uint8Array;
  deserialize(octets: Uint8Array): Document;
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
/** Flags of four octets and the kind of the section, after a header of 16. */
const DOCUMENT_AT = 21;
const QUERY_NAME_AT = 20;
/** A header, flags, a cursor of eight octets, where it begins and how many documents follow. */
const REPLY_BYTES = 36;
const HELLO = {
  ok: 1,
  isWritablePrimary: true,
  helloOk: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
};

/** Ours. `names` takes the principals that logged in. */
export async function ownEnd(keytab: Uint8Array, names: string[]): Promise<SaslEnd> {
  const sasl = createSaslServer({ keytab, layers: ["none"] });
  return {
    async step(response) {
      const challenge = await sasl.step(response);
      if (sasl.isComplete) names.push(sasl.client?.components.join("/") ?? "");
      return { challenge: challenge ?? new Uint8Array(0), isDone: sasl.isComplete };
    },
  };
}

/**
 * Starts it, with our SASL end over a keytab, or with another. `names` are the principals that logged in at ours, in order.
 */
export async function startSmallMongod(sasl: Uint8Array | (() => Promise<SaslEnd>)) {
  const { BSON } = requireDriver("mongodb") as { readonly BSON: Bson };
  const names: string[] = [];
  const makeEnd = typeof sasl === "function" ? sasl : () => ownEnd(sasl, names);
  const server = net.createServer((socket) => {
    let received = Buffer.alloc(0);
    let end: SaslEnd | undefined;
    let isLoggedIn = false;
    const answer = async (command: Document): Promise<Document> => {
      if ("hello" in command || "ismaster" in command || "isMaster" in command) return HELLO;
      if ("saslStart" in command || "saslContinue" in command) {
        if ("saslStart" in command) end = await makeEnd();
        const next = await end?.step(Buffer.from(String(command.payload), "base64"));
        isLoggedIn = next?.isDone === true;
        const payload = Buffer.from(next?.challenge ?? []).toString("base64");
        return { ok: 1, conversationId: 1, done: isLoggedIn, payload };
      }
      return isLoggedIn || "endSessions" in command ? { ok: 1 } : { ok: 0, code: 13, errmsg: "not authorized" };
    };
    socket.on("error", () => {});
    socket.on("close", () => void end?.close?.());
    socket.on("data", async (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 16 && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0));
        received = received.subarray(message.length);
        const isQuery = message.readInt32LE(12) === OP_QUERY;
        // A query has flags, a name with a zero at its end, and two numbers.
        const at = isQuery ? message.indexOf(0, QUERY_NAME_AT) + 9 : DOCUMENT_AT;
        const command = BSON.deserialize(message.subarray(at));
        const reply = await answer(command).catch(() => ({ ok: 0, code: 18, errmsg: "Authentication failed." }));
        const document = BSON.serialize(reply);
        const head = Buffer.alloc(isQuery ? REPLY_BYTES : DOCUMENT_AT);
        head.writeInt32LE(head.length + document.length, 0);
        head.writeInt32LE(message.readInt32LE(4), 8);
        head.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
        // One document is returned.
        if (isQuery) head.writeInt32LE(1, REPLY_BYTES - 4);
        socket.write(Buffer.concat([head, document]));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    names,
    port: (server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
