// What `hosts.mjs` measures on each host: the same work with KDC, server and client in one process, so that what differs is
// the host's engine and cryptography, and what this package chooses there.

const REALM = "BENCH.EXAMPLE";
const SERVICE = "host/localhost";
const SIZES = /** @type {const} */ ([
  ["64 B", 64, 4000],
  ["1 KB", 1024, 1000],
  ["4 KB", 4096, 300],
  ["64 KB", 65_536, 30],
]);

/**
 * The rows, each with its work: `count` operations.
 * @param {{ createClient: any, createInitiator: any, createAcceptor: any, createTestRealm: any, createRemctlServer: any }} library
 * @returns {Promise<{ title: string, count: number, work: (count: number) => Promise<void> }[]>}
 */
export async function rowsOf({ createClient, createInitiator, createAcceptor, createTestRealm, createRemctlServer }) {
  const realm = await createTestRealm({ realm: REALM, principals: { alice: { password: "secret" }, [SERVICE]: {} } });
  const keytab = realm.keytab(SERVICE);
  const replayCache = { remember: () => true };
  const handler = async (/** @type {any} */ { stdout }) => {
    await stdout.write("hello\n");
    return 0;
  };
  const commands = [{ command: "bench", subcommand: "echo", acl: ["ANYUSER"], handler }];
  const server = createRemctlServer({ keytab, replayCache, commands });
  const dial = (/** @type {any[]} */ ...given) => (given[1] === 88 ? realm : server).dial(...given);
  const principal = `alice@${REALM}`;
  const clientWith = (/** @type {object} */ secret) =>
    createClient({ credentials: { principal, ...secret }, kdc: realm.kdc, dial });
  const ticketBy = (/** @type {object} */ secret) => async (/** @type {number} */ count) => {
    for (let n = 0; n < count; n++) await clientWith(secret).getTicket(`${SERVICE}@${REALM}`);
  };
  const client = clientWith({ keytab: realm.keytab("alice") });
  const flags = { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true };
  const pair = async (/** @type {object} */ more) => {
    const initiator = createInitiator({ target: "host@localhost", credential: client, flags });
    const acceptor = createAcceptor({ keytab, replayCache, ...more });
    await initiator.step(await acceptor.step(await initiator.step()));
    return [initiator, acceptor];
  };
  const session = await client.connect("localhost");
  const rows = [
    {
      title: "command on an open session, server in the process",
      count: 1000,
      work: async (/** @type {number} */ count) => {
        for (let n = 0; n < count; n++) await session.run(["bench", "echo"]);
      },
    },
    {
      title: "one-shot command, server in the process",
      count: 300,
      work: async (/** @type {number} */ count) => {
        for (let n = 0; n < count; n++) await client.remctl("localhost", ["bench", "echo"]);
      },
    },
    {
      title: "context, both sides",
      count: 300,
      work: async (/** @type {number} */ count) => {
        for (let n = 0; n < count; n++) await pair({});
      },
    },
    {
      title: "login with a keytab and service ticket, KDC in the process",
      count: 100,
      work: ticketBy({ keytab: realm.keytab("alice") }),
    },
    {
      title: "login with a password and service ticket, KDC in the process",
      count: 50,
      work: ticketBy({ password: "secret" }),
    },
  ];
  for (const etype of [18, 20]) {
    const [initiator, acceptor] = await pair({
      subkeyEnctype: etype === 18 ? "aes256-cts-hmac-sha1-96" : "aes256-cts-hmac-sha384-192",
    });
    for (const [size, bytes, count] of SIZES) {
      const message = new Uint8Array(bytes);
      const work = async (/** @type {number} */ times) => {
        for (let n = 0; n < times; n++) acceptor.unwrap(initiator.wrap(message));
      };
      rows.push({ title: `wrap and unwrap ${size}, enctype ${etype}`, count, work });
    }
  }
  return rows;
}
