// Someone's own host: its connections, files, variables and names are made here, and nothing else of this host is used.

import net from "node:net";
import {
  type Connection,
  type ConnectOptions,
  createClient,
  type FileStatus,
  type Files,
  type Runtime,
} from "krb5-remctl";
import { startBed } from "./bed.mts";

await using bed = await startBed();

/** Octets over a socket, one read at a time. */
class SocketConnection implements Connection {
  readonly #socket: net.Socket;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#chunks = socket.iterator({ destroyOnReturn: false });
  }

  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }

  async write(octets: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(octets, (error) => (error == null ? resolve() : reject(error)));
    });
  }

  async close(): Promise<void> {
    this.#socket.destroySoon();
  }

  abort(): void {
    this.#socket.destroy();
  }
}

/** Files that can be read and nothing else. */
class ReadOnlyFiles implements Files {
  readonly #files: ReadonlyMap<string, Uint8Array>;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#files = files;
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#files.get(path);
  }

  async stat(path: string): Promise<FileStatus | undefined> {
    const octets = this.#files.get(path);
    return octets && { kind: "file", size: octets.length, modified: new Date(0) };
  }

  async list(): Promise<undefined> {
    return undefined;
  }

  writeExclusive = refuse;
  rename = refuse;
  append = refuse;
  overwrite = refuse;
  remove = refuse;
  erase = refuse;
  makeDirectory = refuse;
}

async function refuse(): Promise<never> {
  throw Object.assign(new Error("these files cannot be changed"), { code: "EROFS" });
}

const kdcPort = bed.kdc[0]?.split(":").at(-1);
const krb5Conf = `[libdefaults]
  default_realm = TEST.EXAMPLE
[realms]
  TEST.EXAMPLE = {
    kdc = kdc.test.example:${kdcPort}
  }
`;
const files = new ReadOnlyFiles(
  new Map([
    ["/own/krb5.conf", new TextEncoder().encode(krb5Conf)],
    ["/own/client.keytab", bed.realm.keytab("robot")],
  ]),
);
const connected: string[] = [];
const looked: string[] = [];
const runtime: Runtime = {
  name: "web",
  connectTcp: (host: string, port: number, { signal }: ConnectOptions) => {
    connected.push(host);
    return new Promise<Connection>((resolve, reject) => {
      const socket = net.connect({
        host: "127.0.0.1",
        port,
        noDelay: true,
        ...(signal === undefined ? {} : { signal }),
      });
      socket.once("connect", () => resolve(new SocketConnection(socket))).once("error", reject);
    });
  },
  lookUp: async (host) => {
    looked.push(host);
    return ["127.0.0.1"];
  },
  files: () => files,
  environment: () => ({
    env: { KRB5_CONFIG: "/own/krb5.conf", KRB5_CLIENT_KTNAME: "/own/client.keytab", KRB5CCNAME: "MEMORY:own" },
    uid: 1234,
    username: "someone",
  }),
};

// No credentials, no KDC and no configuration: all of it is what this host has.
const client = createClient({ runtime, port: bed.port, service: "host/localhost@TEST.EXAMPLE" });
const result = await client.remctl("server.test.example", ["hello", "world"]);
console.log(
  JSON.stringify({ greeting: result.text(), connected: [...new Set(connected)], looked: [...new Set(looked)].sort() }),
);
