// Every function that makes an acceptor, with a replay cache and without: what each says on the host that runs this (rule
// H8). A new maker of acceptors belongs here.

import { createAcceptor, createReplayCache } from "../../src/entry/gssapi.ts";
import { createNegotiateServer } from "../../src/entry/http.ts";
import { createSaslServer } from "../../src/entry/sasl.ts";
import { createSpnegoAcceptor } from "../../src/entry/spnego.ts";

export interface MakersReport {
  /** Without a replay cache: `made`, or the beginning of what is thrown. */
  readonly alone: Readonly<Record<string, string>>;
  /** With one. */
  readonly shared: Readonly<Record<string, string>>;
}

export function tryMakers(keytab: Uint8Array): MakersReport {
  type More = { readonly replayCache?: ReturnType<typeof createReplayCache> };
  const makers: Readonly<Record<string, (more: More) => unknown>> = {
    createAcceptor: (more) => createAcceptor({ keytab, ...more }),
    createSpnegoAcceptor: (more) => createSpnegoAcceptor({ keytab, ...more }),
    "createSaslServer, GSS-SPNEGO": (more) =>
      createSaslServer({ keytab, mechanism: "GSS-SPNEGO", spnego: createSpnegoAcceptor, ...more }),
    "createSaslServer, GS2-KRB5": (more) =>
      createSaslServer({ keytab, mechanism: "GS2-KRB5", layers: ["none"], ...more }),
    "createSaslServer, GSSAPI": (more) => createSaslServer({ keytab, ...more }),
    createNegotiateServer: (more) => createNegotiateServer({ keytab, ...more }),
  };
  const said = (make: () => unknown): string => {
    try {
      make();
      return "made";
    } catch (error) {
      return String(error).slice(0, 39);
    }
  };
  const all = (more: () => More) =>
    Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, said(() => make(more()))]));
  return { alone: all(() => ({})), shared: all(() => ({ replayCache: createReplayCache() })) };
}
