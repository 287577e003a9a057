// What the recipe of docs/drivers.md uses of ssh2.

interface Channel {
  pipe(out: NodeJS.WritableStream): void;
}

export declare class Client {
  on(name: "ready", listener: () => void): this;
  on(name: "error", listener: (error: Error & { readonly code?: string }) => void): this;
  emit(name: string, error: Error): boolean;
  connect(settings: object): this;
  exec(command: string, done: (error: Error | undefined, channel: Channel) => void): this;
  end(): this;
  readonly _protocol: Protocol;
}

interface Protocol {
  _onPayload(payload: Buffer): unknown;
  _onPacket(): void;
  readonly _kex: { readonly sessionID: Buffer };
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(octets: number): Buffer; finalize(packet: Buffer): Buffer };
  };
}

declare const utils: { sendPacket(protocol: Protocol, packet: Buffer): void };
export default utils;
