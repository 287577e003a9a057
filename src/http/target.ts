/**
 * The service of a URL: `HTTP` at the host as it is written there (RFC 4559 section 4.1), whatever the scheme, without
 * the port. No name is looked up (rule X6 in SECURITY.md). Throws TypeError for an address: a KDC has no service for
 * it.
 */
export function httpTarget(url: URL): string {
  const { hostname } = url;
  if (hostname.startsWith("[") || /^[\d.]+$/.test(hostname)) {
    throw new TypeError(
      `the URL names ${hostname}, an address, which no service is known by: use the host's name, or the option target`,
    );
  }
  return `HTTP@${hostname.replace(/\.$/, "")}`;
}
