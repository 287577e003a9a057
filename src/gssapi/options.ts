import { createEncTypeSet, type EncTypeSet, loadNobleProvider, strongEncTypes } from "../crypto/index.ts";
import type { Trace } from "../trace.ts";
import type { ChannelBindingsOption } from "./channel-bindings.ts";

/** Options for both ends of a context. */
export interface ContextOptions {
  /** What ties the context to the channel it runs in (RFC 4121 section 4.1.1.2). */
  readonly channelBindings?: ChannelBindingsOption | undefined;
  /**
   * The enctypes permitted in this context, and what computes them. Default: those of the credential, else all strong
   * ones in plain JavaScript.
   */
  readonly encTypes?: EncTypeSet | undefined;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  readonly trace?: Trace | undefined;
}

/** The set of a context that was given none. */
export async function defaultEncTypes(): Promise<EncTypeSet> {
  return createEncTypeSet(strongEncTypes, await loadNobleProvider());
}
