import { eitherFamily, isLocalhost } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";

type Dns = Pick<typeof import("node:dns"), "promises" | "ADDRCONFIG">;
type Question = { readonly family?: 4 | 6; readonly hints?: number };

/** The host's own resolver, with the questions that are on their way. */
export class HostNames {
  readonly #given: object | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `given` stands in for `node:dns` in tests. */
  constructor(given?: object) {
    this.#given = given;
  }

  /**
   * {@link Runtime.lookUp} over `node:dns`: getaddrinfo, with what /etc/hosts says. Each family is asked for by
   * itself, if the host has addresses of it. Node's exit waits for a question that is dropped until glibc gives it up,
   * as a program over libkrb5 waits before it connects.
   */
  async lookUp(host: string, family: 0 | 4 | 6 = 0): Promise<readonly string[]> {
    if (family !== 0) return this.#ask(host, { family });
    // No resolver that drops questions is asked for it, so one question does.
    if (isLocalhost(host)) return this.#ask(host, {});
    // No host's type in the signature: declarations are published.
    const { ADDRCONFIG: hints } = this.#dns();
    let isOver = false;
    const ipv4 = this.#ask(host, { family: 4, hints });
    const ipv6 = this.#inTurn(() => (isOver ? Promise.resolve([]) : this.#ask(host, { family: 6, hints })));
    const found = await eitherFamily(ipv6, ipv4);
    isOver = true;
    // A host that has no address but its own asks for any: names of itself are good there. It also says what is wrong.
    return found.length > 0 ? found : this.#ask(host, {});
  }

  /**
   * One question for IPv6 at a time: libuv gives getaddrinfo two threads, and two questions that a resolver drops would
   * keep every other name waiting.
   */
  #inTurn<T>(question: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(question);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #ask(host: string, question: Question): Promise<readonly string[]> {
    const options = { all: true, order: "verbatim", ...question } as const;
    return (await this.#dns().promises.lookup(host, options)).map(({ address }) => address);
  }

  #dns(): Dns {
    return (this.#given ?? needBuiltin<Dns>("node:dns")) as Dns;
  }
}

let shared: HostNames | undefined;

/** One for all: the threads are the process's. */
export function hostNames(): HostNames {
  shared ??= new HostNames();
  return shared;
}

/** The look-up of `net.connect`, by {@link hostNames}. */
export function netLookUp(onLookUp?: (isOver: boolean) => void): import("node:net").LookupFunction {
  return (host, { all, family }, done) => {
    const wanted = family === 4 || family === 6 ? family : 0;
    onLookUp?.(false);
    hostNames()
      .lookUp(host, wanted)
      .then((found) => {
        onLookUp?.(true);
        const addresses = found.map((address) => ({ address, family: familyOf(address) }));
        const [first] = addresses;
        if (all === true || first === undefined) done(null, addresses);
        else done(null, first.address, first.family);
      })
      .catch((error: Error) => done(error, ""));
  };
}

export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

/** {@link Runtime.nameServers} over `node:dns`. */
export function nameServers(): readonly string[] {
  return needBuiltin<typeof import("node:dns")>("node:dns").getServers();
}
