// The live beds, for tests and the demo.

export { startApache } from "./apache.mjs";
export { makeCertificates } from "./certificates.mjs";
export { runPage } from "./chromium.mjs";
export { startCyrusClient, startCyrusServer } from "./cyrus.mjs";
export { startDovecot } from "./dovecot.mjs";
export { acceptorData, startGssAcceptor } from "./gss-acceptor.mjs";
export { HEIMDAL_ENCTYPES, startHeimdalBed } from "./heimdal.mjs";
export { startJava } from "./java.mjs";
export { makeDelegationDatabase } from "./kdb-delegation.mjs";
export { startKdcproxy } from "./kdcproxy.mjs";
export { startMariadb } from "./mariadb.mjs";
export { ALL_ENCTYPES, makePluginFolder, PASSWORDS, startMitBed } from "./mit.mjs";
export { startLdapBed } from "./mit-ldap.mjs";
export { LOGIN_PASSWORDS, startMitLoginsBed } from "./mit-logins.mjs";
export { NTLMSSP, ntlmEnv } from "./ntlm.mjs";
export { makePki, PKI_PASSPHRASE } from "./pki.mjs";
export { gssRule, startPostgres } from "./postgres.mjs";
export { freePort, runProgram } from "./process.mjs";
export { ONE_TIME_CODES, startRadius } from "./radius.mjs";
export { largeOutput, startRemctld } from "./remctld.mjs";
export { startSambaBed } from "./samba.mjs";
export { startSambaLdap } from "./samba-ldap.mjs";
export { startSlapd } from "./slapd.mjs";
export { startSquid } from "./squid.mjs";
export { startSshd } from "./sshd.mjs";
export { startWebsockify } from "./websockify.mjs";
