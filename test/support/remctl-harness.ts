import type { ContextFlags, SecurityContext } from "../../src/gssapi/context.ts";
import {
  openSession,
  type RemctlSession,
  type SessionOptions,
  streamedArguments,
  streamedOutput,
  version1,
} from "../../src/remctl/index.ts";
import { createEnds } from "../unit/gssapi/exchange.ts";
import { FakeContext } from "./fake-context.ts";
import { FakeRemctlServer } from "./fake-remctl-server.ts";
import { createConnectionPair, type MemoryConnection } from "./memory-connection.ts";

/** What a server does with its end of the connection. */
export type Script = (server: FakeRemctlServer) => Promise<unknown>;

/** What protects a test's messages: the fake lets a test see what goes on, krb5 is the real thing. */
export const CONTEXT_KINDS = ["fake", "krb5"] as const;

export interface ContextChoices {
  /** Default fake. */
  readonly kind?: (typeof CONTEXT_KINDS)[number];
  /** Of the fake one: what it says it has, and how many tokens its initiator sends. */
  readonly flags?: Partial<ContextFlags>;
  readonly legs?: number;
  /** Of the real one: the enctype of its key. */
  readonly etype?: number;
}

export function createContexts(choices: ContextChoices = {}): {
  readonly initiator: SecurityContext;
  readonly acceptor: SecurityContext;
} {
  if (choices.kind === "krb5") return createEnds(choices.etype === undefined ? {} : { etype: choices.etype });
  return { initiator: new FakeContext(false, choices), acceptor: new FakeContext(true, { legs: choices.legs }) };
}

export interface Harness {
  readonly client: MemoryConnection;
  readonly server: FakeRemctlServer;
  readonly initiator: SecurityContext;
  /** The session, or why there is none. */
  readonly opening: Promise<RemctlSession>;
  /** The script's end; rejects if the script fails. */
  readonly script: Promise<unknown>;
}

/** Every optional part, as the main entry has them. */
export const allParts: Pick<SessionOptions, "protocols" | "argumentKinds" | "outputKinds"> = {
  protocols: [version1()],
  argumentKinds: [streamedArguments()],
  outputKinds: [streamedOutput()],
};

/** A client and a scripted server on a connection in memory. The script begins with `accept()`, or breaks it. */
export function connect(script: Script, options: SessionOptions = {}, choices: ContextChoices = {}): Harness {
  const pair = createConnectionPair();
  const { initiator, acceptor } = createContexts(choices);
  const server = new FakeRemctlServer(pair.server, acceptor);
  const running = Promise.resolve().then(() => script(server));
  // A client that gives up breaks the script too: a test that cares awaits it.
  running.catch(() => {});
  const opening = openSession(pair.client, initiator, { idleTimeoutMs: 2_000, ...allParts, ...options });
  opening.catch(() => {});
  return { client: pair.client, server, initiator, opening, script: running };
}

/** As {@link connect}, for scripts that come as far as a session. */
export async function open(
  script: Script,
  options: SessionOptions = {},
  choices: ContextChoices = {},
): Promise<Harness & { readonly session: RemctlSession }> {
  const accepting: Script = async (server) => {
    await server.accept();
    return script(server);
  };
  const harness = connect(accepting, options, choices);
  return { ...harness, session: await harness.opening };
}

/** What a promise rejected with. */
export async function failureOf<T = Error & Record<string, unknown>>(promise: Promise<unknown>): Promise<T> {
  try {
    await promise;
  } catch (error) {
    return error as T;
  }
  throw new Error("it did not fail");
}

/** Lets everything that is ready in memory happen. */
export function settle(ms = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function text(octets: Uint8Array | undefined): string {
  return new TextDecoder().decode(octets);
}
