import heimdalPassword from "../../krb5-vectors/exchanges/heimdal-password.json" with { type: "json" };
import mitKeytab from "../../krb5-vectors/exchanges/mit-keytab.json" with { type: "json" };
import mitPassword from "../../krb5-vectors/exchanges/mit-password.json" with { type: "json" };
import session17 from "../../krb5-vectors/exchanges/mit-session-17.json" with { type: "json" };
import session18 from "../../krb5-vectors/exchanges/mit-session-18.json" with { type: "json" };
import session19 from "../../krb5-vectors/exchanges/mit-session-19.json" with { type: "json" };
import session20 from "../../krb5-vectors/exchanges/mit-session-20.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { ExchangeDriver, type RecordedExchange, recordedTicket } from "../support/recorded-exchange.ts";
import { ReplayedConnection, writtenBy } from "../support/replayed-connection.ts";
import { type Case, equal } from "./harness.ts";

const recordings = [
  heimdalPassword,
  mitKeytab,
  mitPassword,
  session17,
  session18,
  session19,
  session20,
] as readonly unknown[] as readonly RecordedExchange[];

/** Conversations that were recorded from live peers, with the same octets sent again. */
export const exchangeCases: readonly Case[] = recordings.map((recording) => ({
  name: `recorded exchange ${recording.name}`,
  async run() {
    const { kdc, remctl } = recording;
    const driver = await ExchangeDriver.create(recording.inputs);
    const asked: string[] = [];
    const { tgt, ticket } = await driver.getTickets(async (_exchange, _realm, request) => {
      const reply = kdc[asked.length]?.reply ?? "";
      asked.push(encodeHex(request));
      return decodeHex(reply);
    });
    equal(
      asked,
      kdc.map(({ request }) => request),
    );
    equal([recordedTicket(tgt), recordedTicket(ticket)], [recording.tgt, recording.ticket]);
    if (remctl === undefined) return;
    const connection = new ReplayedConnection(remctl.chunks);
    const result = await driver.runRemctl(connection, ticket, remctl.command);
    equal(connection.written, writtenBy("client", remctl.chunks));
    equal(result, { status: remctl.status, stdout: remctl.stdout, stderr: remctl.stderr });
  },
}));
