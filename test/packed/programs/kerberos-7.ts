// Compiled, not run: what TypeScript programs wrote for npm kerberos 7 with its own declarations.
import kerberos = require("kerberos");

import {
  checkPassword,
  type InitializeClientOptions,
  type KerberosClient,
  type KerberosServer,
  version,
} from "kerberos";

const options: InitializeClientOptions = {
  principal: "alice@EXAMPLE.ORG",
  gssFlag: kerberos.GSS_C_MUTUAL_FLAG,
  mechOID: kerberos.GSS_MECH_OID_KRB5,
  user: "alice",
  pass: "secret",
};

export async function promised(): Promise<string> {
  const client: KerberosClient = await kerberos.initializeClient("HTTP@www.example.org", options);
  const server: KerberosServer = await kerberos.initializeServer("HTTP");
  const token: string = await server.step(await client.step(""));
  await client.step(token);
  const wrapped: string = await client.wrap(await client.unwrap(token), { user: "alice", protect: true });
  return `${version}${wrapped}${client.username}${server.targetName}${await kerberos.principalDetails("HTTP", "host")}`;
}
export const checked: Promise<void> = checkPassword("alice", "secret", "HTTP", "EXAMPLE.ORG");

// @ts-expect-error its options are named
kerberos.initializeClient("HTTP@www.example.org", { flag: 2 });
