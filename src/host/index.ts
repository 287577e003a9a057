export { connectionOf } from "./connection.ts";
export type { ByteStream, Connection, ConnectOptions, DatagramSocket, Dial, Fetch, Runtime } from "./runtime.ts";
