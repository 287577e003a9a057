// Classes of errors, and the types of what they hold. A list that several entries publish: as values, or as types where
// code tells an error.

export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  GssError,
  KdcError,
  KerberosError,
  PasswordChangeError,
  type PasswordPolicy,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../../errors.ts";
