import type { ByteStream, Connection } from "./runtime.ts";

/** A {@link Connection} over any `{ readable, writable }`: what a user's `dial` gives. */
export function connectionOf(stream: ByteStream): Connection {
  const direct = stream as Partial<Connection>;
  if (typeof direct.read === "function" && typeof direct.write === "function") return stream as unknown as Connection;
  const reader = stream.readable.getReader();
  const writer = stream.writable.getWriter();
  const ignore = (): void => {};
  // `closed` of both ends rejects on an abort: the pending read or write reports it, nobody else needs to.
  reader.closed.catch(ignore);
  writer.closed.catch(ignore);
  stream.closed?.then(ignore, ignore);
  return {
    async read() {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        if (value.length > 0) return value;
      }
    },
    async write(octets) {
      await writer.ready;
      await writer.write(octets);
    },
    async close() {
      await writer.close().catch(ignore);
      await reader.cancel().catch(ignore);
      await Promise.resolve(stream.close?.()).catch(ignore);
    },
    abort() {
      const reason = new Error("connection aborted");
      writer.abort(reason).catch(ignore);
      reader.cancel(reason).catch(ignore);
      Promise.resolve(stream.close?.()).catch(ignore);
    },
  };
}
