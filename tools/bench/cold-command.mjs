// One command from nothing, with the time of each step: what tools/bench/cold.mjs runs on each host.

/**
 * @param {{ createClient: (options: any) => any }} library
 * @param {{ principal: string, keytab: string, kdc: string[], host: string, port: number, service: string, words: string[] }} job `keytab` in base64
 * @param {() => number} now milliseconds since the epoch
 * @returns {Promise<Record<string, number>>} when each step was over
 */
export async function command({ createClient }, { principal, keytab, kdc, host, port, service, words }, now) {
  /** @type {Record<string, number>} */
  const marks = { begun: now() };
  /** @type {Record<string, string>} */
  const names = { "kdc-request": "asked", "login-end": "loggedIn", "context-established": "proven" };
  const onTrace = (/** @type {{ type: string, exchange?: string }} */ { type, exchange }) => {
    const name = type === "ticket" && exchange === "TGS" ? "ticketed" : names[type];
    if (name !== undefined) marks[name] ??= now();
  };
  const client = createClient({ kdc, credentials: { principal, keytab: { base64: keytab } }, onTrace });
  const { status } = await client.remctl(host, words, { port, service });
  marks.answered = now();
  if (status !== 0) throw new Error(`the command ended with ${status}`);
  return marks;
}
