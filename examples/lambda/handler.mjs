// An AWS Lambda handler that creates an account. The platform may run it twice for one event, and runs it again when it
// throws: so it throws only where nothing can have happened, and looks where something may have.
import { createClient, KerberosError } from "krb5-remctl";

const { PRINCIPAL, KEYTAB, KDC, REMCTL_HOST, REMCTL_PORT = "4373" } = process.env;

// Outside the handler: its tickets serve later events while the sandbox lives, also after it was frozen.
const client = createClient({
  credentials: { principal: PRINCIPAL, keytab: async () => Buffer.from(await readSecret(), "base64") },
  kdc: [KDC],
  connectTimeoutMs: 3000,
  totalTimeoutMs: 10_000, // less than the function's own
});

const run = (...command) => client.remctl(REMCTL_HOST, command, { port: Number(REMCTL_PORT) });
const exists = async (user) => (await run("account", "exists", user)).status === 0;

export async function handler({ user }) {
  // The second run for the same event finds the work done.
  if (await exists(user)) return { statusCode: 200, body: `${user} is there` };
  try {
    const result = await run("account", "create", user);
    return { statusCode: result.status === 0 ? 201 : 422, body: result.text() };
  } catch (error) {
    if (!(error instanceof KerberosError)) throw error;
    // "not-sent": the server saw nothing of the command. The platform may try again.
    if (error.commandState === "not-sent") throw error;
    // "completed": the server answered, and its answer is an error.
    if (error.commandState === "completed") return { statusCode: 422, body: error.message };
    // "maybe-executed": the connection ended before the answer came. Look before anyone tries again.
    if (await exists(user)) return { statusCode: 201, body: `${user} was created` };
    throw error;
  }
}

/** Base64 of the keytab: from the environment here; from a secret store, await its answer. */
async function readSecret() {
  return KEYTAB;
}
