import { type Checks, checkFunction, checkMethods } from "../checks/index.ts";
import {
  type CryptoProvider,
  createEncTypeSet,
  type EncTypeSet,
  loadNobleProvider,
  strongEncTypes,
} from "../crypto/index.ts";
import { type Enctypes, permittedTypes, type TicketSource } from "../krb5/index.ts";
import type { TraceListener } from "../trace.ts";
import { type ChannelBindingsOption, checkChannelBindings } from "./channel-bindings.ts";
import type { LegacyTokens } from "./legacy-tokens.ts";

/** Options for both ends of a context. */
export interface ContextOptions {
  /** What ties the context to the channel it runs in (RFC 4121 section 4.1.1.2). */
  readonly channelBindings?: ChannelBindingsOption | undefined;
  /**
   * The enctypes permitted in this context: by name or number, best first, or a set, which also says what computes
   * them. Default: those of the credential, else all strong ones, which the host computes for an acceptor, and plain
   * JavaScript for an initiator.
   */
  readonly enctypes?: Enctypes | EncTypeSet | undefined;
  /**
   * Tokens of a deprecated enctype that this context may use, where the ticket brings one and `enctypes` permits it
   * too: `arcfourTokens()` of `krb5-remctl/legacy-tokens`. An eavesdropper can break such a context sooner or later.
   * Default: a context whose key is of such an enctype is refused.
   */
  readonly legacyTokens?: LegacyTokens | undefined;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Gets each step as an event. */
  readonly onTrace?: TraceListener | undefined;
}

export const contextChecks: Checks<ContextOptions> = {
  // Wrong bindings are refused now, and not when they are used.
  channelBindings: (_, value) => checkChannelBindings(value as ChannelBindingsOption),
  enctypes: (_, value) => checkEnctypes(value as ContextOptions["enctypes"]),
  legacyTokens: [checkMethods, "protect"],
  now: checkFunction,
  onTrace: checkFunction,
};

function checkEnctypes(enctypes: ContextOptions["enctypes"]): void {
  if (!isEncTypeSet(enctypes)) permittedTypes(enctypes);
}

/** Gets what computes, where nothing else says. */
export type LoadProvider = () => Promise<CryptoProvider>;

/**
 * The permitted enctypes of a context: those of its option, else those of the source of its tickets, else all strong
 * ones.
 */
export async function permittedIn(
  enctypes: ContextOptions["enctypes"],
  source?: TicketSource,
  load: LoadProvider = loadNobleProvider,
): Promise<EncTypeSet> {
  if (isEncTypeSet(enctypes)) return enctypes;
  const own = await source?.loadEncTypes?.();
  if (own !== undefined && enctypes === undefined) return own;
  const types = enctypes === undefined ? strongEncTypes : permittedTypes(enctypes);
  return createEncTypeSet(types, own?.provider ?? (await load()));
}

/** Whether enctypes are ready, with their provider. */
export function isEncTypeSet(enctypes: ContextOptions["enctypes"]): enctypes is EncTypeSet {
  return typeof (enctypes as Partial<EncTypeSet> | null | undefined)?.importKey === "function";
}
