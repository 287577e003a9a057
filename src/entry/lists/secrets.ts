// Keys and certificates that a login is made with. A list that several entries publish.

export type {
  KdcTrust,
  KeyHint,
  Pem,
  PkinitIdentity,
  SecretKind,
  Sign,
  SignatureAlgorithm,
} from "../../preauth/index.ts";
