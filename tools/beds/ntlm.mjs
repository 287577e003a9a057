// NTLM beside krb5 in MIT's libgssapi: what a program needs in its environment.

import fs from "node:fs";
import path from "node:path";
import { ensurePeers } from "../peers/index.mjs";

/** The mechanism's object identifier. */
export const NTLMSSP = "1.3.6.1.4.1.311.2.2.10";

/**
 * @param {string} folder where its files are written
 * @returns {Promise<Record<string, string>>}
 */
export async function ntlmEnv(folder) {
  const { "gss-ntlmssp": ntlm } = await ensurePeers(["gss-ntlmssp"]);
  if (!ntlm.available) throw new Error(`NTLM needs Debian's package: ${ntlm.reason}`);
  const mechanisms = path.join(folder, "mech.conf");
  const users = path.join(folder, "ntlm-users");
  fs.writeFileSync(mechanisms, `gssntlmssp_v1 ${NTLMSSP} ${ntlm.find("lib/*/gssntlmssp/gssntlmssp.so")}\n`);
  fs.writeFileSync(users, "TEST:alice:ntlm-password\n", { mode: 0o600 });
  return {
    GSS_MECH_CONFIG: mechanisms,
    NTLM_USER_FILE: users,
    LD_LIBRARY_PATH: ntlm.env.LD_LIBRARY_PATH ?? "",
  };
}
