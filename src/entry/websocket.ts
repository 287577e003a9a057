/**
 * TCP through a WebSocket proxy, for hosts that have no sockets: a browser, an edge function. It makes the function for
 * the option `dial`.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { webSocketDial } from "krb5-remctl/websocket";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["https://gateway.example.org/KdcProxy"],
 *   dial: webSocketDial((host, port) => `wss://gateway.example.org/${host}/${port}`),
 * });
 * ```
 *
 * @module
 */
export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  type ConfigError,
  type CredentialError,
  type CryptoError,
  type DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  type GssError,
  isKerberosError,
  type KdcError,
  type KerberosError,
  type PasswordChangeError,
  type PasswordPolicy,
  type PreauthError,
  type ProtocolError,
  type RemctlError,
  type RemctlProtocolError,
  type RemctlServerError,
  type ServiceError,
  type TransportError,
  type UnsupportedError,
} from "../errors.ts";
export type { ByteStream, Dial } from "../host/index.ts";
export {
  type WebSocketConstructor,
  type WebSocketDialOptions,
  type WebSocketLike,
  type WebSocketPlace,
  type WebSocketStreamOptions,
  type WebSocketTarget,
  webSocketDial,
  webSocketStream,
} from "../websocket/index.ts";
