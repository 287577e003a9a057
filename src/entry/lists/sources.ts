// Credentials of a login: a source of the caller implements these. A list that several entries publish.

export type {
  CredentialHost,
  CredentialSource,
  Deferred,
  OpenedCredentials,
  Secret,
  SecretCredentials,
} from "../../client/index.ts";
