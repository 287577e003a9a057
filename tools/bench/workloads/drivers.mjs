// A login of PostgreSQL's driver `pg`, and a row of 2 MB, encrypted with GSSAPI, beside libpq. The server's own time is in both.

import { createRequire } from "node:module";
import { startPostgres } from "../../beds/index.mjs";
import { gssRule } from "../../beds/postgres.mjs";
import { clientOf, load } from "../library.mjs";

const ROW_BYTES = 2_000_000;

/** @type {import("../bench.mjs").Workload} */
export const drivers = {
  name: "drivers",
  async rows(bench) {
    const { client, env } = await bench.realm.pinned(18);
    const { bed } = bench.realm;
    await bed.kadmin(`addprinc -randkey postgres/localhost\nktadd -k ${bed.keytab.service} postgres/localhost`);
    // It ends with this process.
    const rules = ["hostgssenc", "hostnogssenc"].map((type) => gssRule(type, bed.realm));
    const roles = ["robot", "floor"];
    const { port } = await startPostgres({ bed, roles, rules: ["host all floor 127.0.0.1/32 trust", ...rules] });
    const args = { client, port };
    const peer = "libpq";
    const notes = ["with PostgreSQL's own time"];
    return [
      {
        title: "PostgreSQL: a login, encrypted, and a query",
        peer,
        goal: 1,
        notes,
        args: { ...args, operation: "login" },
        count: bench.isQuick ? 20 : 100,
        against: { program: "pq", operation: "login", args: [port, "robot"], env },
      },
      // The two drivers by themselves: what of the row above is not Kerberos.
      {
        title: "PostgreSQL: a login without Kerberos, and a query",
        peer,
        notes,
        args: { ...args, operation: "login", isFloor: true },
        count: bench.isQuick ? 20 : 100,
        against: { program: "pq", operation: "trust", args: [port, "floor"], env },
      },
      // What the driver and the server take by themselves: what is above it is Kerberos's, on both sides.
      {
        title: "PostgreSQL: a login, encrypted, and a query, over the driver's own",
        peer: "pg without Kerberos (trust)",
        notes,
        args: { ...args, operation: "login" },
        count: bench.isQuick ? 20 : 100,
        library: { args: { ...args, operation: "login", isFloor: true }, env: {} },
      },
      {
        title: "PostgreSQL: a row of 2 MB, encrypted",
        peer,
        goal: 1,
        notes,
        bytes: ROW_BYTES,
        args: { ...args, operation: "row" },
        count: bench.isQuick ? 10 : 50,
        against: { program: "pq", operation: "row", args: [port, "robot", ROW_BYTES], env },
      },
    ];
  },
  async ours({ operation, client, port, isFloor = false }, count, meter) {
    const { gssStream } = await load("entry/postgres.js");
    const { Client } = createRequire(new URL("../../drivers/package.json", import.meta.url))("pg");
    const stream = gssStream({ credential: await clientOf(client) });
    const [user, way] = isFloor ? ["floor", {}] : ["robot", { stream }];
    const logIn = async () => {
      const connection = new Client({ host: "localhost", port, user, database: user, ...way });
      await connection.connect();
      return connection;
    };
    if (operation === "login") {
      return await meter.time(async () => {
        for (let i = 0; i < count; i++) {
          const connection = await logIn();
          await connection.query("select 1");
          await connection.end();
        }
      });
    }
    const connection = await logIn();
    const taken = await meter.time(async () => {
      for (let i = 0; i < count; i++) {
        const { rows } = await connection.query(`select repeat('x', ${ROW_BYTES}) as x`);
        if (rows[0].x.length !== ROW_BYTES) throw new Error("the row is cut");
      }
    });
    await connection.end();
    return taken;
  },
};
