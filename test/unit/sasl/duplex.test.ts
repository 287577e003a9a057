import { expect, it } from "vitest";
import { type ByteStream, type SecurityLayer, saslDuplex } from "../../../src/entry/sasl.ts";
import { type Connection, connectionOf, createStreamPair } from "../../../src/host/index.ts";
import { createLayer } from "../../../src/sasl/security-layer.ts";
import { contextPair, pattern } from "../gssapi/pair.ts";

async function duplexes(size = 65_536): Promise<{ client: ByteStream; server: ByteStream }> {
  const [one, other] = createStreamPair();
  const { initiator, acceptor } = await contextPair();
  const sizes = { maxSendBytes: size, maxReceiveBytes: size };
  return {
    client: saslDuplex(one, createLayer(initiator, "confidentiality", sizes)),
    server: saslDuplex(other, createLayer(acceptor, "confidentiality", sizes) as SecurityLayer),
  };
}

async function readAll({ readable }: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it.each([100, 4096, 65_536, 0xff_ffff])("carries octets with frames of %i", async (size) => {
  const { client, server } = await duplexes(size);
  const octets = pattern(size === 100 ? 2000 : 150_000);
  const read = readAll(server);
  const writer = client.writable.getWriter();
  await writer.write(octets);
  await writer.write(new Uint8Array(0));
  await writer.write(octets.subarray(0, 5));
  await writer.close();
  expect(Buffer.concat([octets, octets.subarray(0, 5)]).equals(await read)).toBe(true);
});

it("is the stream itself without a layer", () => {
  const [stream] = createStreamPair();
  expect(saslDuplex(stream, undefined)).toBe(stream);
});

it("refuses what is not a stream", () => {
  expect(() => saslDuplex({} as ByteStream, undefined)).toThrow(TypeError);
});

/** One end with a layer, and the raw octets that it gets. */
async function beforeHostile(): Promise<{ client: ByteStream; peer: Connection }> {
  const [stream, beneath] = createStreamPair();
  const { initiator } = await contextPair();
  const layer = createLayer(initiator, "confidentiality", { maxSendBytes: 65_536, maxReceiveBytes: 65_536 });
  return { client: saslDuplex(stream, layer), peer: connectionOf(beneath) };
}

it("SS5: errors with what the peer did, and closes the stream beneath", async () => {
  const { client, peer } = await beforeHostile();
  const read = client.readable.getReader().read();
  await peer.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  await expect(read).rejects.toMatchObject({ code: "SASL_PROTOCOL" });
  await expect(peer.read()).rejects.toThrow();
});

it("errors where the stream is cut within a frame", async () => {
  const { client, peer } = await beforeHostile();
  const read = readAll(client);
  const expected = expect(read).rejects.toThrow("the stream ended within a frame");
  await peer.write(Uint8Array.of(0, 0, 1, 0, 5));
  await peer.close();
  await expected;
});
