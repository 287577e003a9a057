// What a host can do: a runtime of the caller implements these. A list that several entries publish.

export type {
  ByteStream,
  ConnectOptions,
  DatagramSocket,
  Dial,
  Fetch,
  HostEnvironment,
  HttpConnection,
  Listener,
  ListenOptions,
  PeerAddress,
  Runtime,
} from "../../host/index.ts";
