import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import type { CredentialSource } from "./credential-source.ts";

/** Choices that are remembered: services that a peer names must not fill the memory. */
const MAX_CHOICES = 1_000;

/**
 * Which of several clients asks for a service, where the credentials depend on that. Values are kept, never promises.
 */
export class ChosenClients<T> {
  readonly #find: (service: Principal) => Promise<CredentialSource | undefined>;
  readonly #make: (source: CredentialSource) => T;
  readonly #sources = new Map<string, CredentialSource | undefined>();
  readonly #clients = new Map<string, T>();

  constructor(
    find: (service: Principal) => Promise<CredentialSource | undefined>,
    make: (source: CredentialSource) => T,
  ) {
    this.#find = find;
    this.#make = make;
  }

  /** The client for a service; undefined: the one that is there without a choice. */
  async for(service: Principal): Promise<T | undefined> {
    const name = formatPrincipal(service);
    if (!this.#sources.has(name)) {
      this.#sources.set(name, await this.#find(service));
      if (this.#sources.size > MAX_CHOICES) this.#sources.delete(this.#sources.keys().next().value as string);
    }
    const source = this.#sources.get(name);
    if (source?.principal === undefined) return undefined;
    const who = formatPrincipal(source.principal);
    const client = this.#clients.get(who) ?? this.#make(source);
    this.#clients.set(who, client);
    return client;
  }

  /** The client of a principal, if it was chosen before. */
  of(principal: Principal): T | undefined {
    return this.#clients.get(formatPrincipal(principal));
  }

  /** All that were chosen. */
  all(): Iterable<T> {
    return this.#clients.values();
  }
}
