// Someone's own dial: every connection, to KDCs and servers, goes through a tunnel that says where it leads.

import net from "node:net";
import { Duplex } from "node:stream";
import { type ByteStream, createClient, type Dial } from "krb5-remctl";
import { createClient as createLeanClient } from "krb5-remctl/lean";
import { startBed } from "./bed.mts";

await using bed = await startBed();

/** A proxy: the first line is a host and a port, what follows goes there. */
const asked: string[] = [];
const proxy = net.createServer((client) => {
  client.once("data", (head) => {
    const line = head.toString();
    asked.push(line.trim());
    const port = Number(line.split(" ")[1]);
    const upstream = net.connect(port, "127.0.0.1", () => client.write("ok\n"));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => socket.destroy());
  });
});
await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
const { port: proxyPort } = proxy.address() as net.AddressInfo;

const dial: Dial = async (host, port, { signal }): Promise<ByteStream> => {
  const socket = net.connect({ port: proxyPort, host: "127.0.0.1", ...(signal === undefined ? {} : { signal }) });
  socket.write(`${host} ${port}\n`);
  await new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject));
  socket.pause();
  const { readable, writable } = Duplex.toWeb(socket) as unknown as ByteStream;
  return { readable, writable, close: () => socket.destroySoon() };
};

const options = {
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  kdc: [`tcp://kdc.test.example:${bed.kdc[0]?.split(":").at(-1)}`],
  port: bed.port,
  service: "host/localhost@TEST.EXAMPLE",
  dial,
};
const main = await createClient(options).remctl("server.test.example", ["hello", "world"]);
const lean = await createLeanClient(options).remctl("server.test.example", ["hello", "world"]);
const hosts = new Set(asked.map((line) => line.split(" ")[0]));
console.log(JSON.stringify({ greetings: [main.text(), lean.text()], hosts: [...hosts].sort() }));
proxy.close();
