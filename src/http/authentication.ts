import type { AnyKerberosError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import type { Principal } from "../krb5/index.ts";

/** Fields for the answer. `Vary` is to be added to what there is of it. */
export type AnswerFields = readonly (readonly [name: string, value: string])[];

/** Who makes a request. */
export interface Authenticated {
  /** Tells the two kinds of {@link Authentication} apart. */
  readonly isAuthenticated: true;
  /** The client as text, for example `alice@EXAMPLE.ORG`. */
  readonly principal: string;
  /** The client. */
  readonly client: Principal;
  /** The context: what was delegated, its flags, when its ticket ends. */
  readonly context: SecurityContext;
  /** For the answer, whatever its status: the server's proof among them. */
  readonly headers: AnswerFields;
}

/**
 * Why it is not known who makes a request: a word of the list, or the code of {@link NotAuthenticated.error}.
 * `NO_TOKEN` and `MORE_TOKENS` are how each exchange begins and goes on, and refuse nobody.
 */
export type NotAuthenticatedCode =
  | "NO_TOKEN"
  | "MORE_TOKENS"
  | "OTHER_SCHEME"
  | "TOKEN_TOO_LARGE"
  | "DEFECTIVE_TOKEN"
  | "CONNECTION_UNKNOWN"
  | "FOREIGN_ORIGIN"
  | "ANONYMOUS"
  | AnyKerberosError["code"];

/** A request of which it is not known who makes it. */
export interface NotAuthenticated {
  /** Tells the two kinds of {@link Authentication} apart. */
  readonly isAuthenticated: false;
  /** 401: ask; 403: refuse; 431: the token is too long. */
  readonly status: 401 | 403 | 431;
  /** For the answer: the challenges among them. */
  readonly headers: AnswerFields;
  /** Why, for a program. */
  readonly code: NotAuthenticatedCode;
  /**
   * Why, for a log of this server and not for the client: one line of 1,024 characters at the most, without control
   * characters.
   */
  readonly reason: string;
  /** What the acceptor threw, if it did. */
  readonly error?: AnyKerberosError;
}

/** What is known of who makes a request. */
export type Authentication = Authenticated | NotAuthenticated;

/** Fields by name, those that come several times as lists: the form of Node and Fastify. */
export function groupFields(fields: AnswerFields): Record<string, string | string[]> {
  const groups: Record<string, string | string[]> = {};
  for (const [name, value] of fields) {
    const before = groups[name];
    groups[name] = before === undefined ? value : [before, value].flat();
  }
  return groups;
}
