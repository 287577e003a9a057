import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { expect } from "vitest";
import { concat, equal } from "../../src/bytes/index.ts";
import type { SecurityContext } from "../../src/entry/gssapi.ts";
import { acceptorData } from "../../tools/beds/index.mjs";

const SIZES = [0, 1, 15, 16, 17, 1000, 4096, 65_536, 1_000_000];

/** Our end of the little protocol of tools/beds/gss-acceptor.py, over a socket of either direction. */
export class GssPeer {
  readonly #socket: Socket;
  #unread = Buffer.alloc(0);
  #isEnded = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => this.#wake();
    socket.on("data", (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      wake();
    });
    const end = (): void => {
      this.#isEnded = true;
      wake();
    };
    socket.on("end", end).on("error", end).on("close", end);
  }

  static async connect(port: number): Promise<GssPeer> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new GssPeer(socket);
  }

  close(): void {
    this.#socket.destroy();
  }

  sendToken(token: Uint8Array): void {
    this.#socket.write(concat(uint32(token.length), token));
  }

  async receiveToken(): Promise<Uint8Array> {
    return this.#read((await this.#read(4)).readUInt32BE());
  }

  async ask(operation: string, ...payload: Uint8Array[]): Promise<{ kind: string; reply: Uint8Array }> {
    const octets = concat(...payload);
    this.#socket.write(concat(new TextEncoder().encode(operation), uint32(octets.length), octets));
    const header = await this.#read(5);
    return { kind: String.fromCharCode(header[0] as number), reply: await this.#read(header.readUInt32BE(1)) };
  }

  async askForFacts(operation: string, ...payload: Uint8Array[]): Promise<Record<string, unknown>> {
    const { kind, reply } = await this.ask(operation, ...payload);
    return { kind, ...JSON.parse(new TextDecoder().decode(reply)) };
  }

  async #read(length: number): Promise<Buffer> {
    while (this.#unread.length < length) {
      if (this.#isEnded) throw new Error(`the acceptor closed: ${this.#unread.length} of ${length} octets came`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const octets = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length);
    return octets;
  }
}

export function uint32(value: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

export function sha256(octets: Uint8Array): string {
  return createHash("sha256").update(octets).digest("hex");
}

/** Every kind of message, both ways, at every size. */
export async function converse(context: SecurityContext, peer: GssPeer): Promise<void> {
  for (const size of SIZES) {
    const data = acceptorData(size);
    for (const conf of [true, false]) {
      const sent = await peer.askForFacts("W", context.wrap(data, { conf }));
      expect(sent).toEqual({ kind: "R", length: size, sha256: sha256(data), confidential: conf });

      const received = await peer.ask(conf ? "S" : "U", uint32(size));
      expect(received.kind).toBe(conf ? "S" : "U");
      expect(equal(context.unwrap(received.reply, { requireConf: conf }), data)).toBe(true);

      const echoed = await peer.ask("X", context.wrap(data, { conf }));
      expect(equal(context.unwrap(echoed.reply, { requireConf: conf }), data)).toBe(true);
    }
    expect(await peer.askForFacts("V", uint32(size), data, context.getMic(data))).toEqual({
      kind: "R",
      verified: true,
    });
    const signed = (await peer.ask("M", uint32(size))).reply;
    context.verifyMic(data, signed.subarray(4 + size));
  }
}
