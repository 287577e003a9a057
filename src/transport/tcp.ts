import { DecodeError, hasCode } from "../errors.ts";
import { type Connection, connectionOf, onAbort } from "../host/index.ts";
import { formatEndpoint } from "./endpoint.ts";
import { FrameReader, frame } from "./framing.ts";
import type { Question, Transport } from "./transport.ts";

/**
 * TCP (RFC 4120 section 7.2.2): one connection, one request, one reply. Connections for the requests that follow are
 * opened beside it.
 */
export const tcp: Transport = {
  name: "tcp",

  missing({ runtime, dial }) {
    if (dial !== undefined || runtime.connectTcp !== undefined) return undefined;
    return `the "${runtime.name}" runtime has no TCP: use the https:// URL of a KDC proxy, or give "dial"`;
  },

  async ask(question) {
    const { spares, signal, endpoint } = question;
    const name = formatEndpoint(endpoint);
    const spare = await spares?.take(name, signal);
    if (spare === undefined) {
      const connection = await open(question);
      // They are opened while the request is under way, not before: a name is looked up once, and a KDC that is not
      // there gets one connection. A caller's `dial` is called when it is needed: what a connection costs there is not
      // known here.
      if (question.host.dial === undefined) {
        spares?.open(name, (end, onWanted) => open({ ...question, signal: end }, onWanted));
      }
      return await askAndEnd(connection, question);
    }
    try {
      return await askAndEnd(spare, question);
    } catch (error) {
      // It waited, and the KDC may have closed it: the same octets again are what a datagram's would be.
      if (signal.aborted || hasCode(error, "DECODE")) throw error;
      return await askAndEnd(await open(question), question);
    }
  },
};

async function askAndEnd(connection: Connection, { signal, request }: Question): Promise<Uint8Array> {
  // Nothing of the conversation is left when this ends, so that the end need not be a gentle one.
  const forget = onAbort(signal, () => connection.abort());
  try {
    return await askOver(connection, request);
  } finally {
    forget();
    connection.abort();
  }
}

async function open({ endpoint, host, signal, onLookUp }: Question, onWanted?: () => boolean): Promise<Connection> {
  const { dial, runtime, localAddress } = host;
  if (dial !== undefined) return connectionOf(await dial(endpoint.host, endpoint.port, { signal }));
  const connect = runtime.connectTcp;
  if (connect === undefined) throw new TypeError("no TCP: `missing` was not asked");
  return connect(endpoint.host, endpoint.port, {
    signal,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(onLookUp === undefined ? {} : { onLookUp }),
    ...(onWanted === undefined ? {} : { onWanted }),
  });
}

/** One framed request and its one framed reply. Throws `DecodeError` for a reply that is not framed as it must be. */
async function askOver(connection: Connection, request: Uint8Array): Promise<Uint8Array> {
  await connection.write(frame(request));
  const reader = new FrameReader();
  for (;;) {
    const chunk = await connection.read();
    if (chunk === undefined) return reader.end();
    const reply = reader.push(chunk);
    if (reply === undefined) continue;
    if (connection.hasUnread?.()) throw new DecodeError("octets follow the message", reply.length, "KDC reply");
    return reply;
  }
}
