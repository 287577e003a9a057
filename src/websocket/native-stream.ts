import { type ByteStream, onAbort } from "../host/index.ts";
import { cannotOpen, closeError, detailOf } from "./failure.ts";
import { maxSentMessageBytes, octetsOf } from "./socket.ts";

/** A host's `WebSocketStream` (Chrome; Deno with `--unstable-net`): a WebSocket with back-pressure both ways. */
export type WebSocketStreamConstructor = new (
  url: string,
  options: { readonly protocols?: string[]; readonly signal?: AbortSignal },
) => {
  readonly opened: Promise<{ readonly readable: ReadableStream<unknown>; readonly writable: WritableStream<unknown> }>;
  readonly closed: Promise<{ readonly closeCode?: number; readonly reason?: string }>;
  close(info?: { readonly closeCode?: number; readonly reason?: string }): void;
};

/** A byte stream over the host's own WebSocketStream. Throws TransportError `CONNECT`, or the signal's reason. */
export async function openNativeStream(
  Stream: WebSocketStreamConstructor,
  url: string,
  name: string,
  protocols: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  let socket: InstanceType<WebSocketStreamConstructor>;
  let opened: Awaited<typeof socket.opened>;
  // The signal ends the attempt only: afterwards it belongs to the caller's own business.
  const attempt = new AbortController();
  const forget = onAbort(signal, () => attempt.abort(signal?.reason));
  try {
    socket = new Stream(url, { protocols: [...protocols], signal: attempt.signal });
    socket.closed.catch(() => {});
    opened = await socket.opened;
  } catch (cause) {
    signal?.throwIfAborted();
    throw cannotOpen(name, cause instanceof Error ? detailOf(cause) : "", cause);
  } finally {
    forget();
  }
  const { closed } = socket;
  const end = async (): Promise<Error | undefined> => {
    const { closeCode, reason = "" } = await closed.catch((error: { closeCode?: number; reason?: string }) => error);
    return closeError(closeCode ?? 1006, reason);
  };
  const reader = opened.readable.getReader();
  const writer = opened.writable.getWriter();
  writer.closed.catch(() => {});
  const close = (): void => {
    try {
      socket.close({ closeCode: 1000 });
    } catch {
      // It is closed.
    }
  };
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Until there is something: a stream that was given nothing does not ask again.
        for (;;) {
          const next = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
          if (next.done) {
            const error = await end();
            if (error === undefined) controller.close();
            else controller.error(error);
            return;
          }
          const octets = octetsOf(next.value);
          if (octets === undefined) {
            controller.error(closeError(undefined, "it sent text where octets are expected"));
            close();
            return;
          }
          if (octets.length > 0) return controller.enqueue(octets);
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<Uint8Array>({
    async write(octets) {
      for (let at = 0; at < octets.length; at += maxSentMessageBytes) {
        await writer.ready;
        await writer.write(octets.subarray(at, at + maxSentMessageBytes));
      }
    },
    close,
    abort: close,
  });
  return { readable, writable, close };
}
