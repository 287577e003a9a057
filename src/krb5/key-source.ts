import type { ProtocolKey } from "../crypto/index.ts";
import type { Principal } from "./principal.ts";

/** A long-term key of a service. */
export interface ServiceKey {
  /** The key, ready for use. */
  readonly key: ProtocolKey;
  /** Its version; undefined and 0 fit any. */
  readonly kvno?: number | undefined;
  /**
   * Every principal that this key is of, the first being the name that the service goes by: names under one key are one
   * service, since a ticket does not prove which of them was asked for. Default: the principal that was asked for.
   */
  readonly services?: readonly Principal[] | undefined;
}

/** Where an acceptor has its keys: a keytab, or a test's. */
export interface KeySource {
  /** All keys of a service; none if it is not ours. */
  keysOf(service: Principal): readonly ServiceKey[];
  /**
   * All keys of an enctype, each with its `services`. With it an acceptor without a service takes whatever ticket
   * one of them opens, under any name, like libkrb5; without it, those whose name {@link keysOf} knows.
   */
  keysFor?(etype: number): readonly ServiceKey[];
}
