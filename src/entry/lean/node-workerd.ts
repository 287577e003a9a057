/**
 * `krb5-remctl/lean/node` where a bundler makes a file for Workers (its condition `workerd`): the same exports without
 * the code for Node's sockets. Its types are those of `node.ts`.
 *
 * @module
 */

export {
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  GssError,
  isKerberosError,
  isSafeToRetry,
  KdcError,
  KerberosError,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../../errors.ts";
export { registeredNames } from "../../krb5/index.ts";
export { encTimestamp, hintFor, longTermReplyKey } from "../../preauth/index.ts";
export { streamedArguments, streamedOutput, version1 } from "../../remctl/index.ts";
export { actFor, httpsProxy, impersonate, pool, runOnHosts } from "../../remctl-client/index.ts";
export { createClient } from "../../remctl-client/lean-workerd/on-host.ts";
