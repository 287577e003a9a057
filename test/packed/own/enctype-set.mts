// Someone's own set of enctypes, and one's own source of tickets and keys, under a GSS-API context of both sides.

import { createClient, parsePrincipal } from "krb5-remctl";
import { decodeKeytab } from "krb5-remctl/credentials";
import {
  createAcceptor,
  createEncTypeSet,
  createInitiator,
  type EncTypeSet,
  type KeySource,
  type TicketSource,
} from "krb5-remctl/gssapi";
import { startBed } from "./bed.mts";

await using bed = await startBed({ enctypes: [20, 19] });
const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
const client = createClient({ credentials, kdc: bed.realm.kdc, enctypes: ["aes256-sha2", "aes128-sha2"] });
const permitted = await createEncTypeSet(["aes256-sha2", "aes128-sha2"]);

/** Takes note of each key that is made. */
const made: number[] = [];
const noting: EncTypeSet = {
  ...permitted,
  importKey(etype, octets) {
    made.push(etype);
    return permitted.importKey(etype, octets);
  },
};

const tickets: TicketSource = {
  getTicket: (service, options) => client.getTicket(service, options),
  loadEncTypes: async () => noting,
};
const keytab = decodeKeytab(bed.realm.keytab("host/localhost"));
const keys: KeySource = {
  keysOf: (service) =>
    keytab
      .findAll({ principal: service })
      .filter(({ keyBlock }) => permitted.has(keyBlock.etype))
      .map(({ kvno, keyBlock }) => ({ kvno, key: permitted.importKey(keyBlock.etype, keyBlock.octets) })),
};

const initiator = createInitiator({ target: parsePrincipal("host/localhost@TEST.EXAMPLE"), credential: tickets });
const acceptor = createAcceptor({ keytab: keys, enctypes: noting });
const reply = await acceptor.step(await initiator.step());
await initiator.step(reply);
const text = new TextDecoder().decode(acceptor.unwrap(initiator.wrap(new TextEncoder().encode("sealed"))));
console.log(
  JSON.stringify({
    text,
    etypes: [initiator.etype, acceptor.etype],
    hasMade: made.length > 0,
    peer: acceptor.peer?.components,
  }),
);
