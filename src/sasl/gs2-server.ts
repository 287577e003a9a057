import type { SecurityContext } from "../gssapi/index.ts";
import type { Principal } from "../krb5/index.ts";
import type { Mechanism, Turn } from "./exchange.ts";
import { protocolError } from "./failure.ts";
import { gs2Bindings, type NamedBindings, withFraming } from "./gs2-header.ts";
import { decodeGs2Request, type Gs2Request } from "./gs2-request.ts";
import type { RequireAuthorized } from "./gssapi-server.ts";

/** What a server's side of GS2-KRB5 and GS2-KRB5-PLUS is made of. */
export interface Gs2ServerParts {
  readonly isPlus: boolean;
  /** Makes the context that insists on the bindings: those of the client's own header. */
  readonly accept: (bindings: Uint8Array) => SecurityContext;
  /** Those of our channel. */
  readonly bindings: NamedBindings | undefined;
  readonly authorize: RequireAuthorized;
  /** Gets the context when it is there. */
  readonly onContext: (context: SecurityContext) => void;
}

/** The server of RFC 5801 with the krb5 mechanism, whose contexts take one token of each side. */
export class Gs2Server implements Mechanism {
  readonly #parts: Gs2ServerParts;
  #context: SecurityContext | undefined;
  #hasAsked = false;

  constructor(parts: Gs2ServerParts) {
    this.#parts = parts;
  }

  async turn(input: Uint8Array | undefined, signal: AbortSignal | undefined): Promise<Turn> {
    if (this.#context !== undefined) throw protocolError("the client sent a response after the end of the exchange");
    if (!this.#hasAsked && (input === undefined || input.length === 0)) {
      this.#hasAsked = true;
      return { output: new Uint8Array(0) };
    }
    const request = decodeGs2Request(input ?? new Uint8Array(0));
    const { accept, authorize, onContext } = this.#parts;
    const context = accept(gs2Bindings(request.header, this.#bindingsOf(request)));
    this.#context = context;
    onContext(context);
    const token = request.isStandard ? withFraming(request.token) : request.token;
    const output = await context.step(token, { signal });
    // RFC 5801 section 5: the client asks for mutual authentication.
    if (!context.flags.mutual) throw protocolError("the client does not ask the server to prove who it is");
    const asWhom = request.authorizationId === "" ? undefined : request.authorizationId;
    await authorize(context.peer as Principal, asWhom);
    return { output, end: { layer: undefined, authorizationId: asWhom } };
  }

  dispose(): void {
    this.#context?.dispose();
  }

  /** Rule SS8 in SECURITY.md: RFC 5801 section 5, on the flags of channel bindings. */
  #bindingsOf({ flag }: Gs2Request): NamedBindings | undefined {
    const { isPlus, bindings } = this.#parts;
    if (typeof flag === "string") {
      if (isPlus) throw protocolError("the client chose channel bindings by the mechanism's name and sends none");
      if (flag === "y" && bindings !== undefined) {
        throw protocolError("the client was not shown GS2-KRB5-PLUS, which this server has: someone changed the list");
      }
      return undefined;
    }
    if (!isPlus) throw protocolError("the client sends channel bindings and the mechanism's name says none");
    if (flag.type === bindings?.type) return bindings;
    throw protocolError(`the client's channel bindings are of another type than ${bindings?.type}`);
  }
}
