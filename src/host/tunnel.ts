/** A connection to an HTTP proxy, before it leads anywhere. */
export interface ProxyStream {
  /** The proxy's certificate in DER; undefined without TLS. */
  readonly peerCertificate: Uint8Array | undefined;
  /** The next octets; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  write(octets: Uint8Array): void;
}

/**
 * Asks a proxy for the way to a place. It gives true once the stream leads there, and false if it must be called again
 * with a new stream, since the proxy ends this one.
 */
export type AskProxy = (stream: ProxyStream, signal: AbortSignal | undefined) => Promise<boolean>;

/** The way through an HTTP proxy. */
export interface Tunnel {
  /** The proxy: http: or https:. */
  readonly proxy: URL;
  /** Begins to ask for the way to the host and port of a URL. */
  ask(to: URL): AskProxy;
}
