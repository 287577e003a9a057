// What of a mongod a driver needs to log in by GSSAPI and to ping: OP_MSG with one document, and SASL. MongoDB Enterprise,
// which alone has GSSAPI, cannot be had here.

import net, { type AddressInfo } from "node:net";
import { createSaslServer, type SaslServer } from "../../src/sasl/index.ts";
import { requireDriver } from "./drivers.ts";

type Document = Record<string, unknown>;
interface Bson {
  serialize(document: Document): Uint8Array;
  deserialize(octets: Uint8Array): Document;
}

const OP_MSG = 2013;
/** Flags of four octets and the kind of the section, after a header of 16. */
const DOCUMENT_AT = 21;
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

/** Starts it. `names` are the principals that logged in, in order. */
export async function startSmallMongod(keytab: Uint8Array) {
  const { BSON } = requireDriver("mongodb") as { readonly BSON: Bson };
  const names: string[] = [];
  const server = net.createServer((socket) => {
    let received = Buffer.alloc(0);
    let sasl: SaslServer | undefined;
    let isLoggedIn = false;
    const answer = async (command: Document): Promise<Document> => {
      if ("hello" in command || "ismaster" in command || "isMaster" in command) return HELLO;
      if ("saslStart" in command || "saslContinue" in command) {
        if ("saslStart" in command) sasl = createSaslServer({ keytab, layers: ["none"] });
        const payload = Buffer.from(String(command.payload), "base64");
        const next = await sasl?.step(payload);
        isLoggedIn = sasl?.isComplete === true;
        if (isLoggedIn) names.push(sasl?.client?.components.join("/") ?? "");
        return { ok: 1, conversationId: 1, done: isLoggedIn, payload: Buffer.from(next ?? []).toString("base64") };
      }
      return isLoggedIn || "endSessions" in command ? { ok: 1 } : { ok: 0, code: 13, errmsg: "not authorized" };
    };
    socket.on("error", () => {});
    socket.on("data", async (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 16 && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0));
        received = received.subarray(message.length);
        const command = BSON.deserialize(message.subarray(DOCUMENT_AT));
        const reply = await answer(command).catch(() => ({ ok: 0, code: 18, errmsg: "Authentication failed." }));
        const document = BSON.serialize(reply);
        const head = Buffer.alloc(DOCUMENT_AT);
        head.writeInt32LE(DOCUMENT_AT + document.length, 0);
        head.writeInt32LE(message.readInt32LE(4), 8);
        head.writeInt32LE(OP_MSG, 12);
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
