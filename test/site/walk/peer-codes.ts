/** The codes that test/site/walk-peers.test.ts walks at MIT's and Samba's KDCs, and at squid. */
export const peerCodes = [
  "PASSWORD_EXPIRED",
  "PASSWORD_REJECTED",
  "PASSWORD_CHANGE",
  "CLIENT_DISABLED",
  "CLIENT_HOURS",
  "PASSWORD_MUST_CHANGE",
  "OTHER_REALM",
  "HTTP_PROXY_REFUSED",
] as const;
