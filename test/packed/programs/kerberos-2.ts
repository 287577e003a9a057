// Compiled, not run: what TypeScript programs wrote for npm kerberos 2 with @types/kerberos 1.1.5, and for the older shapes.
import * as kerberos from "kerberos";
import {
  checkPassword,
  GSS_C_DELEG_FLAG,
  GSS_C_MUTUAL_FLAG,
  GSS_MECH_OID_SPNEGO,
  type InitializeClientOptions,
  initializeClient,
  initializeServer,
  Kerberos,
  type KerberosClient,
  type KerberosServer,
  principalDetails,
  processes,
  type WrapOptions,
} from "kerberos";

const options: InitializeClientOptions = {
  gssFlag: GSS_C_DELEG_FLAG | GSS_C_MUTUAL_FLAG,
  mechOID: GSS_MECH_OID_SPNEGO,
};
const user: WrapOptions = { user: undefined };

// With promises.
export async function promised(): Promise<string> {
  const client: KerberosClient = await initializeClient("HTTP@www.example.org", options);
  const server: KerberosServer = await kerberos.initializeServer("HTTP@www.example.org");
  const token: string = await client.step("");
  const answer: string = await server.step(token);
  await client.step(answer);
  const wrapped: string = await client.wrap(await client.unwrap(answer), user);
  await checkPassword("alice", "secret", "HTTP", "EXAMPLE.ORG");
  if (!client.contextComplete || !server.contextComplete) return client.response;
  return `${wrapped}${client.username}${server.targetName}${await principalDetails("HTTP", "www.example.org")}`;
}
export const checked: Promise<void> = checkPassword("alice", "secret", "HTTP");

// With callbacks, whose error is what its declarations, its documentation or nobody says.
initializeClient("HTTP@www.example.org", options, (err: string, client: KerberosClient) => {
  if (err) return console.log(err);
  client.step("", (problem: Error | null, token: string) => console.log(problem?.message, token.length));
  client.unwrap("", (problem, message) => console.log(problem, message.length));
  client.wrap("", user, (problem, token) => console.log(problem, token.length));
  client.wrap("", (_: unknown, token: string) => console.log(token));
});
initializeClient("HTTP@www.example.org", (error, client) => console.log(error, client.username));
initializeServer("HTTP", (error: string, server: KerberosServer) => {
  server.step("token", (problem: string, token: string) => console.log(error, problem, token, server.username));
});
principalDetails("HTTP", "www.example.org", (err: string, details: string) => console.log(err, details));
checkPassword("alice", "secret", "HTTP", "EXAMPLE.ORG", (err: string) => console.log(err));
checkPassword("alice", "secret", "HTTP", (err: Error | null) => console.log(err?.message));

// `Kerberos` is the module in 1 and 2, and a class in 0.x.
Kerberos.initializeClient("HTTP@www.example.org", {}, (error, client) => console.log(error, client.contextComplete));
const old = new Kerberos();
old.authGSSClientInit("HTTP@www.example.org", Kerberos.GSS_C_MUTUAL_FLAG, (error: Error | null, context) => {
  old.authGSSClientStep(context, "", (problem, code: number) => {
    console.log(error, problem, code === Kerberos.AUTH_GSS_COMPLETE, context.response, context.username);
    old.authGSSClientWrap(context, "", "alice", () => old.authGSSClientClean(context, () => {}));
  });
});
old.authGSSServerInit("HTTP", false, (error: Error | null, context) => {
  old.authGSSServerStep(context, "token", () =>
    console.log(error, context.username, context.delegatedCredentialsCache),
  );
});
old.authUserKrb5Password("alice", "secret", "", (error: Error | null, isRight: boolean) => console.log(error, isRight));

// The login of mongodb before 3.6.
const login = new processes.MongoAuthProcess("db.example.org", 27017, "mongodb", { gssapiServiceName: "mongodb" });
login.init("alice", null, (error: Error | null) => {
  login.transition("", (problem: Error | null, payload) =>
    console.log(error, problem, payload === true || payload.length),
  );
});

// @ts-expect-error a service is text
initializeServer(3);
// @ts-expect-error a callback comes last
client.step((error: Error) => console.log(error), "");
declare const client: KerberosClient;
