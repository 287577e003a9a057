import { concat, encodeText } from "../../../src/bytes/index.ts";
import type { Connection } from "../../../src/host/index.ts";
import { openSession, type RemctlResult } from "../../../src/remctl/index.ts";
import { FakeContext } from "../../support/fake-context.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

const framed = (flags: number, payload: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(flags, 0, 0, payload.length >> 8, payload.length & 0xff), payload);
const HELLO = "hello world\n";
const accept = framed(0x42, encodeText("REP 1"));

/** A server's octets: the first part follows our token, the rest our command; then the stream ends. */
class ScriptedConnection implements Connection {
  readonly #parts: Uint8Array[];
  #wake: (() => void) | undefined;
  #isCommandSent = false;
  #isOver = false;
  #writes = 0;

  constructor(input: Uint8Array) {
    this.#parts = [input.subarray(0, accept.length), input.subarray(accept.length)].filter(({ length }) => length > 0);
  }

  async read(): Promise<Uint8Array | undefined> {
    const isFirst = this.#parts.length === 2;
    while (!this.#isOver && !isFirst && !this.#isCommandSent && this.#parts.length > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#isOver ? undefined : this.#parts.shift();
  }

  async write(): Promise<void> {
    this.#isCommandSent = ++this.#writes > 1;
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.abort();
  }

  abort(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}

/** A whole session with a server whose octets were changed: a typed error, or what its messages say. */
export function remctlSession(): FuzzTarget<never> {
  const server = new FakeContext(true);
  const sealed = (...octets: Uint8Array[]): Uint8Array => framed(0x44, server.wrap(concat(...octets)));
  const text = encodeText(HELLO);
  const conversation = concat(
    accept,
    sealed(Uint8Array.of(2, 3, 1, 0, 0, 0, text.length), text),
    sealed(Uint8Array.of(2, 3, 2, 0, 0, 0, text.length), text),
    sealed(Uint8Array.of(2, 4, 7)),
  );
  const target: FuzzTarget<RemctlResult> = {
    name: "remctl-session",
    inputs: mutatedOctets([conversation]),
    async run(input) {
      const session = await openSession(new ScriptedConnection(input), new FakeContext(false), { idleTimeoutMs: 60 });
      try {
        return await session.run(["hello", "world"], { isLast: true });
      } finally {
        await session.close();
      }
    },
    verify({ status, stdout, stderr }) {
      if (!Number.isInteger(status) || status < 0 || status > 255) throw new Finding(`status ${status}`);
      if (stdout.length + stderr.length > 65_536) throw new Finding("more output than input");
    },
  };
  return target as FuzzTarget<never>;
}
