// The small client and what it is given. A list that several entries publish.

export type {
  HostsOptions,
  ImpersonateOptions,
  KdcTransportPart,
  LeanClient,
  LeanClientOptions,
  LeanCredentials,
  RemctlOptions,
  SessionClient,
  UserCertificate,
} from "../../remctl-client/index.ts";
