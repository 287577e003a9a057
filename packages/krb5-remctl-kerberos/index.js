// Literal names, one a line: `import { initializeClient } from "kerberos"` finds them so.
const kerberos = require("krb5-remctl/kerberos");

exports.initializeClient = kerberos.initializeClient;
exports.initializeServer = kerberos.initializeServer;
exports.principalDetails = kerberos.principalDetails;
exports.checkPassword = kerberos.checkPassword;
exports.GSS_C_DELEG_FLAG = kerberos.GSS_C_DELEG_FLAG;
exports.GSS_C_MUTUAL_FLAG = kerberos.GSS_C_MUTUAL_FLAG;
exports.GSS_C_REPLAY_FLAG = kerberos.GSS_C_REPLAY_FLAG;
exports.GSS_C_SEQUENCE_FLAG = kerberos.GSS_C_SEQUENCE_FLAG;
exports.GSS_C_CONF_FLAG = kerberos.GSS_C_CONF_FLAG;
exports.GSS_C_INTEG_FLAG = kerberos.GSS_C_INTEG_FLAG;
exports.GSS_C_ANON_FLAG = kerberos.GSS_C_ANON_FLAG;
exports.GSS_C_PROT_READY_FLAG = kerberos.GSS_C_PROT_READY_FLAG;
exports.GSS_C_TRANS_FLAG = kerberos.GSS_C_TRANS_FLAG;
exports.GSS_C_NO_OID = kerberos.GSS_C_NO_OID;
exports.GSS_MECH_OID_KRB5 = kerberos.GSS_MECH_OID_KRB5;
exports.GSS_MECH_OID_SPNEGO = kerberos.GSS_MECH_OID_SPNEGO;
const { version } = require("./package.json");
exports.version = version;
exports.definedNapiVersion = kerberos.definedNapiVersion;

// What older versions have. It is listed in the line 2 alone, as in npm kerberos.
const enumerable = version.startsWith("2.");
const own = { enumerable, writable: true, configurable: true };
Object.defineProperty(exports, "Kerberos", { value: kerberos.Kerberos, ...own });
Object.defineProperty(exports, "processes", { value: kerberos.processes, ...own });
