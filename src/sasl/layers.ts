import { checkList, checkWord, refuse } from "../checks/index.ts";

/**
 * What protects the octets after the exchange (RFC 4752 section 3.3): nothing, a signature, or encryption with a
 * signature.
 */
export type Layer = "none" | "integrity" | "confidentiality";

const BITS: readonly (readonly [layer: Layer, bit: number])[] = [
  ["none", 1],
  ["integrity", 2],
  ["confidentiality", 4],
];

/** The bit mask of RFC 4752 section 3.3. */
export function maskOf(layers: readonly Layer[]): number {
  return BITS.reduce((mask, [layer, bit]) => (layers.includes(layer) ? mask | bit : mask), 0);
}

/** The layers of a mask; unknown bits are ignored. */
export function layersIn(mask: number): Layer[] {
  return BITS.filter(([, bit]) => (mask & bit) !== 0).map(([layer]) => layer);
}

/** Names of layers, for an error. */
export function named(layers: readonly Layer[]): string {
  return layers.length === 0 ? "no layer that is known" : layers.join(", ");
}

export function checkLayers(name: string, value: unknown): void {
  checkList(name, value, (one, layer) => checkWord(one, layer, "none", "integrity", "confidentiality"));
  if ((value as Layer[]).length === 0) refuse(name, value, "a list with at least one layer");
}

/** What says whether the channel beneath protects the octets. */
export interface LayerOptions {
  /**
   * The layers that are acceptable, best first. Default: `["none"]` where TLS is beneath, else `["confidentiality"]`:
   * octets go unprotected only where the caller says so.
   */
  readonly layers?: readonly Layer[] | undefined;
  /** The exchange runs within TLS. Default: whether `channelBindings` are given. */
  readonly tls?: boolean | undefined;
  /**
   * What ties the exchange to its TLS channel (RFC 5056): the name of the type, a colon and the data, as
   * `tlsServerEndPoint` of `krb5-remctl/gssapi` makes them (RFC 5929).
   */
  readonly channelBindings?: Uint8Array | undefined;
}

/** The layers that the caller takes, best first (rule SS1 in SECURITY.md). */
export function wantedLayers({
  layers,
  channelBindings,
  tls = channelBindings !== undefined,
}: LayerOptions): readonly Layer[] {
  return layers ?? [tls ? "none" : "confidentiality"];
}
