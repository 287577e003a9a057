// What of SQL Server a driver needs to log in with SSPI and to select a text (MS-TDS): PRELOGIN, LOGIN7, and any batch. SQL
// Server cannot be had here; the SPNEGO end behind it is the caller's, for example libgssapi's.

import type net from "node:net";
import { startSmallServer } from "./small-server.ts";

/** What the server says to the token of a LOGIN7: a token of its own, and that it lets the client in, or why not. */
export interface TdsLogin {
  readonly token?: Uint8Array;
  /** Who has logged in: what any `select` then gives. */
  readonly name?: string;
  readonly refusal?: string;
}

const [BATCH, RESULT, LOGIN7, SSPI, PRELOGIN] = [0x01, 0x04, 0x10, 0x11, 0x12] as const;
const HEADER = 8;
const IS_LAST = 1;
/** OptionFlags2 of LOGIN7 (MS-TDS section 2.2.6.4), and where it and the token's place are. */
const INTEGRATED_SECURITY = 0x80;
const [FLAGS_AT, TOKEN_AT] = [25, 78] as const;
/** "Login failed for user" (18456), class 14. */
const LOGIN_FAILED = 18_456;

const u16 = (value: number): Buffer => {
  const out = Buffer.alloc(2);
  out.writeUInt16LE(value);
  return out;
};
const u32 = (value: number): Buffer => Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]);
const ucs2 = (text: string): Buffer => Buffer.from(text, "utf16le");
/** B_VARCHAR and US_VARCHAR: a count of characters, and UTF-16. */
const short = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), ucs2(text)]);
const long = (text: string): Buffer => Buffer.concat([u16(text.length), ucs2(text)]);

const counted = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.of(type), u16(body.length), body]);
const done = (rows: number): Buffer => Buffer.concat([Buffer.of(0xfd), u16(0x10), u16(0), u32(rows), u32(0)]);
const loginAck = (): Buffer =>
  counted(0xad, Buffer.concat([Buffer.of(1, 0x74, 0, 0, 4), short("Small TDS"), Buffer.of(1, 0, 0, 0)]));
const failed = (words: string): Buffer => {
  const text = [long(words), short("small"), short(""), u32(1)];
  return counted(0xaa, Buffer.concat([u32(LOGIN_FAILED), Buffer.of(1, 14), ...text]));
};

/** One column "name" of NVARCHAR, and one row. */
function selected(name: string): Buffer {
  const type = Buffer.concat([Buffer.of(0xe7), u16(200), Buffer.of(9, 4, 0xd0, 0, 0x34)]);
  const columns = [Buffer.of(0x81), u16(1), u32(0), u16(0), type, short("name")];
  return Buffer.concat([...columns, Buffer.of(0xd1), u16(name.length * 2), ucs2(name), done(1)]);
}

/** VERSION and ENCRYPTION (not supported) of PRELOGIN (MS-TDS section 2.2.6.5). */
const PRELOGIN_ANSWER = Buffer.from("00000b0006 0100110001 ff 100000000000 02".replaceAll(" ", ""), "hex");

/** Starts it. `login` takes the token of a LOGIN7. */
export async function startSmallTds(login: (token: Buffer) => Promise<TdsLogin>, port?: number) {
  const serve = async (socket: net.Socket): Promise<void> => {
    const send = (...tokens: Buffer[]): void => {
      const body = Buffer.concat(tokens);
      const head = Buffer.from([RESULT, IS_LAST, 0, 0, 0, 0, 1, 0]);
      head.writeUInt16BE(HEADER + body.length, 2);
      socket.write(Buffer.concat([head, body]));
    };
    let name = "";
    const answer = async (type: number, message: Buffer): Promise<void> => {
      if (type === PRELOGIN) send(PRELOGIN_ANSWER);
      // What NTLM would go on with is refused, for no driver of the tests may send it.
      if (type === SSPI) send(failed("Login failed: a second SSPI message"), done(0));
      if (type === BATCH && name !== "")
        send(message.toString("utf16le").includes("select ") ? selected(name) : done(0));
      if (type !== LOGIN7) return;
      if (((message[FLAGS_AT] as number) & INTEGRATED_SECURITY) === 0) throw new Error("no integrated security");
      const at = message.readUInt16LE(TOKEN_AT);
      const said = await login(message.subarray(at, at + message.readUInt16LE(TOKEN_AT + 2)));
      const tokens = said.token === undefined ? [] : [counted(0xed, Buffer.from(said.token))];
      if (said.refusal !== undefined) tokens.push(failed(said.refusal), done(0));
      if (said.name !== undefined) tokens.push(loginAck(), done(0));
      name = said.name ?? "";
      send(...tokens);
    };
    let received = Buffer.alloc(0);
    let message = Buffer.alloc(0);
    try {
      for await (const chunk of socket) {
        received = Buffer.concat([received, chunk as Buffer]);
        while (received.length >= HEADER && received.length >= received.readUInt16BE(2)) {
          const packet = received.subarray(0, received.readUInt16BE(2));
          received = received.subarray(packet.length);
          message = Buffer.concat([message, packet.subarray(HEADER)]);
          if (((packet[1] as number) & IS_LAST) === 0) continue;
          await answer(packet[0] as number, message);
          message = Buffer.alloc(0);
        }
      }
    } catch {
      // The client went away, or what it sent is not TDS.
    } finally {
      socket.destroy();
    }
  };
  return startSmallServer(serve, port);
}
