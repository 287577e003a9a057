// What each live peer consists of.

/** The peers that the tests talk to. */
export const TEST_PEERS = /** @type {const} */ ([
  "mit",
  "heimdal",
  "python-gssapi",
  "faketime",
  "redis",
  "heimdal-kcm",
  "kdcproxy",
  "samba",
  "websockify",
  "chromium",
  "nsd",
  "dnsdist",
  "musl",
  "mit-logins",
  "freeradius",
  "slapd",
  "dovecot",
  "apache",
  "curl",
  "gss-ntlmssp",
  "squid",
  "mit-ldap",
  "postgres",
  "mariadb",
  "kstart",
  "sshd",
]);

/** Those that are downloaded only where CI=true, for the whole table: not every mirror has them, or they are large. */
export const WHOLE_TABLE_PEERS = /** @type {const} */ (["mit-later", "java", "samba-later", "bindings", "c-headers"]);

/** @typedef {(typeof TEST_PEERS)[number] | (typeof WHOLE_TABLE_PEERS)[number] | "sasl-curl-headers" | "requests"} PeerName */

/**
 * Packages asked for, and programs (or files below /usr) that must be there in the end. `uses`: the other peers that it
 * needs. `overlay`: its programs have paths below /usr built in, and run with their tree laid over /usr. `suite`: it is
 * of another Debian than the machine's, and its tree has all that it needs, the C library too (./suite.mjs): with
 * `overlay` that tree takes the place of /usr.
 *
 * @type {Record<PeerName, { packages: string[], programs: string[], files: string[], uses: PeerName[], overlay?: true, suite?: string }>}
 */
export const PEERS = {
  mit: {
    packages: ["krb5-kdc", "krb5-admin-server", "krb5-user", "remctl-server", "remctl-client"],
    programs: ["krb5kdc", "kadmind", "kdb5_util", "kadmin.local", "kinit", "klist", "kvno", "remctld", "remctl"],
    files: ["lib/*/krb5/plugins/kdb/db2.so"],
    uses: [],
  },
  heimdal: {
    packages: ["heimdal-kdc", "heimdal-clients"],
    programs: ["kdc", "kpasswdd", "kstash", "kadmin", "kinit"],
    files: [],
    uses: [],
  },
  "python-gssapi": {
    packages: ["python3", "python3-gssapi"],
    programs: ["python3"],
    files: ["lib/python3/dist-packages/gssapi/__init__.py"],
    uses: ["mit"],
  },
  faketime: {
    packages: ["libfaketime"],
    programs: [],
    files: ["lib/*/faketime/libfaketime.so.1"],
    uses: [],
  },
  redis: {
    packages: ["redis-server", "libjemalloc2"],
    programs: ["redis-server"],
    files: [],
    uses: [],
  },
  "heimdal-kcm": {
    packages: ["heimdal-kcm"],
    programs: ["kcm"],
    files: [],
    uses: [],
  },
  kdcproxy: {
    packages: ["python3", "python3-kdcproxy", "openssl"],
    programs: ["python3", "openssl"],
    files: ["lib/python3/dist-packages/kdcproxy/__init__.py"],
    uses: [],
  },
  // Samba as a domain controller of an Active Directory.
  samba: {
    packages: [
      "samba",
      "samba-ad-provision",
      "samba-vfs-modules",
      "samba-dsdb-modules",
      "python3-samba",
      "ldb-tools",
      "libpopt0",
    ],
    programs: ["samba", "samba-tool", "ldbmodify", "python3"],
    files: [
      "lib/*/samba/service/kdc.so",
      "lib/*/samba/ldb/samba_dsdb.so",
      "lib/*/samba/vfs/acl_xattr.so",
      "share/samba/setup/provision.ldif",
    ],
    uses: [],
    overlay: true,
  },
  // Samba of the next Debian: resource-based delegation, claims, compound identity.
  "samba-later": {
    packages: ["samba-ad-dc", "samba-ad-provision", "python3-samba", "ldb-tools", "winbind"],
    programs: ["samba", "samba-tool", "ldbmodify", "ldbsearch", "python3"],
    files: ["lib/*/samba/service/kdc.so", "lib/*/samba/vfs/acl_xattr.so", "share/samba/setup/provision.ldif"],
    uses: [],
    overlay: true,
    suite: "testing",
  },
  websockify: {
    packages: ["python3", "python3-websockify"],
    programs: ["python3"],
    files: ["lib/python3/dist-packages/websockify/__main__.py"],
    uses: [],
  },
  // The browser without a window.
  chromium: {
    packages: ["chromium-headless-shell"],
    programs: ["chromium-headless-shell"],
    files: [],
    uses: [],
  },
  nsd: {
    packages: ["nsd", "libprotobuf-c1", "libfstrm0"],
    programs: ["nsd"],
    files: [],
    uses: [],
  },
  dnsdist: {
    packages: ["dnsdist", "libfstrm0", "openssl"],
    programs: ["dnsdist", "openssl"],
    files: [],
    uses: [],
  },
  // Its loader is in lib/x86_64-linux-musl of the tree.
  musl: {
    packages: ["musl"],
    programs: ["ld-musl-config"],
    files: [],
    uses: [],
  },
  // PKINIT and one-time passwords of MIT's. Without libkrad, a KDC passes over its OTP plug-in and says nothing.
  "mit-logins": {
    packages: ["krb5-pkinit", "krb5-otp", "openssl"],
    programs: ["openssl"],
    files: ["lib/*/krb5/plugins/preauth/pkinit.so", "lib/*/krb5/plugins/preauth/otp.so", "lib/*/libkrad.so.0"],
    uses: ["mit"],
  },
  // MIT Kerberos of the next Debian: PKINIT with curves, and with paChecksum2.
  "mit-later": {
    packages: ["krb5-kdc", "krb5-admin-server", "krb5-user", "krb5-pkinit", "krb5-otp"],
    programs: ["krb5kdc", "kdb5_util", "kadmin.local", "kinit", "klist", "kvno"],
    files: [
      "lib/*/krb5/plugins/kdb/db2.so",
      "lib/*/krb5/plugins/preauth/pkinit.so",
      "lib/*/krb5/plugins/preauth/spake.so",
      "lib/*/krb5/plugins/preauth/otp.so",
    ],
    uses: [],
    suite: "testing",
  },
  freeradius: {
    packages: ["freeradius"],
    programs: ["freeradius"],
    files: ["lib/freeradius/rlm_pap.so", "lib/freeradius/rlm_files.so", "share/freeradius/dictionary"],
    uses: [],
  },
  // OpenLDAP, and Cyrus SASL with its sample server and the mechanisms on libgssapi.
  slapd: {
    packages: ["slapd", "libsasl2-modules-gssapi-mit", "sasl2-bin", "openssl"],
    programs: ["slapd", "sasl-sample-server", "openssl"],
    files: ["lib/ldap/back_ldap.so", "lib/*/sasl2/libgssapiv2.so", "lib/*/sasl2/libgs2.so"],
    uses: ["mit"],
  },
  // A KDC whose database is a directory: there a service may be allowed to delegate.
  "mit-ldap": {
    packages: ["krb5-kdc-ldap", "ldap-utils"],
    programs: ["kdb5_ldap_util", "ldapmodify"],
    files: ["lib/*/krb5/plugins/kdb/kldap.so", "share/doc/krb5-kdc-ldap/kerberos.schema.gz"],
    uses: ["mit", "slapd"],
  },
  postgres: {
    packages: ["postgresql-15", "postgresql-client-15", "openssl"],
    programs: ["openssl"],
    files: ["lib/postgresql/*/bin/postgres", "lib/postgresql/*/bin/initdb", "lib/postgresql/*/bin/psql"],
    uses: ["mit"],
  },
  // IMAP and submission of mail. Its programs look for each other below /usr.
  dovecot: {
    packages: ["dovecot-core", "dovecot-imapd", "dovecot-submissiond", "dovecot-gssapi", "openssl"],
    programs: ["dovecot"],
    files: ["lib/dovecot/imap-login", "lib/dovecot/submission-login", "lib/dovecot/modules/auth/libmech_gssapi.so"],
    uses: ["mit"],
    overlay: true,
  },
  mariadb: {
    packages: ["mariadb-server", "mariadb-plugin-gssapi-server", "openssl"],
    programs: ["mariadbd", "openssl"],
    files: ["lib/mysql/plugin/auth_gssapi.so", "share/mysql/mysql_system_tables.sql", "share/mysql/english/errmsg.sys"],
    uses: ["mit"],
  },
  // k5start and krenew.
  kstart: {
    packages: ["kstart"],
    programs: ["k5start", "krenew"],
    files: [],
    uses: ["mit"],
  },
  // The server of OpenSSH. Its programs look for each other below /usr.
  sshd: {
    packages: ["openssh-server", "openssh-client", "libwrap0"],
    programs: ["sshd", "ssh-keygen"],
    files: [],
    uses: ["mit"],
    overlay: true,
  },
  // Apache with mod_auth_gssapi. It runs from its tree.
  apache: {
    packages: ["apache2-bin", "libapache2-mod-auth-gssapi", "openssl"],
    programs: ["apache2", "openssl"],
    files: ["lib/apache2/modules/mod_auth_gssapi.so", "lib/apache2/modules/mod_ssl.so"],
    uses: ["mit"],
  },
  // NTLM as a mechanism of MIT's libgssapi, for what SPNEGO does where there are two.
  "gss-ntlmssp": {
    packages: ["gss-ntlmssp", "libwbclient0"],
    programs: [],
    files: ["lib/*/gssntlmssp/gssntlmssp.so"],
    uses: ["mit"],
  },
  curl: {
    packages: ["curl"],
    programs: ["curl"],
    files: [],
    uses: ["mit"],
  },
  // An HTTP proxy. It runs from its tree.
  squid: {
    packages: ["squid", "libnetfilter-conntrack3", "libecap3", "libltdl7"],
    programs: ["squid"],
    files: ["lib/squid/negotiate_kerberos_auth", "share/squid/mime.conf"],
    uses: ["mit"],
  },
  // The JDK, with its compiler: it runs programs from their source.
  java: {
    packages: ["default-jdk-headless"],
    programs: [],
    files: ["lib/jvm/java-*-openjdk-*/bin/java", "lib/jvm/java-*-openjdk-*/lib/modules"],
    uses: [],
  },
  // The bindings of libremctl for other languages, with those languages. Perl is the machine's.
  bindings: {
    packages: [
      ...["libnet-remctl-perl", "python3", "python3-pyremctl", "php-cli", "php-remctl", "ruby", "ruby-remctl"],
      "libremctl-dev",
    ],
    programs: ["perl", "python3"],
    files: [
      ...["bin/php8*", "bin/ruby3*", "lib/php/*/remctl.so", "lib/*/ruby/vendor_ruby/*/remctl.so", "include/remctl.h"],
      ...["lib/*/perl5/*/Net/Remctl.pm", "lib/python3/dist-packages/remctl.py"],
    ],
    uses: ["mit"],
  },
  // What a database of MIT's KDC is compiled with, and the C peers of `npm run bench`.
  "c-headers": {
    packages: ["libkrb5-dev", "libremctl-dev"],
    programs: [],
    files: ["include/krb5.h", "include/gssapi/gssapi_krb5.h", "include/remctl.h"],
    uses: ["mit"],
  },
  // And those of SASL and HTTP.
  "sasl-curl-headers": {
    packages: ["libsasl2-dev", "libcurl4-openssl-dev"],
    programs: [],
    files: ["include/sasl/sasl.h", "include/*/curl/curl.h"],
    uses: ["mit"],
  },
  // HTTP Negotiate in Python, for the bench.
  requests: {
    packages: ["python3", "python3-requests-kerberos"],
    programs: ["python3"],
    files: ["lib/python3/dist-packages/requests_kerberos/__init__.py"],
    uses: ["mit"],
  },
};

// Dependencies that are about configuring a machine, never loaded by a program that the beds run.
export const NOT_NEEDED =
  /^(krb5-config|krb5-locales|bind9-.*|libfstrm0|libjemalloc2|libmaxminddb0|libprotobuf-c1|update-inetd|openbsd-inetd|tcpd|logrotate|libpopt0|logsave|e2fsprogs|libext2fs2|libss2|python3-numpy|libblas3|liblapack3|libgfortran5|python3-jwcrypto|python3-deprecated|python3-wrapt)$/;
