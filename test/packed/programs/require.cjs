const { remctl, KerberosError } = require("krb5-remctl");
const { createInitiator } = require("krb5-remctl/gssapi");
const { createRemctlServer } = require("krb5-remctl/server");
const { createTestRealm } = require("krb5-remctl/testing");
const { webSocketDial } = require("krb5-remctl/websocket");

const all = { remctl, KerberosError, createInitiator, createRemctlServer, createTestRealm, webSocketDial };
for (const [name, value] of Object.entries(all)) {
  if (typeof value !== "function") throw new Error(`${name} is ${typeof value}`);
}
// The same classes as by import: `instanceof` holds across both.
import("krb5-remctl").then((imported) => console.log(imported.KerberosError === KerberosError));
