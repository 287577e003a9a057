import { describe, expect, it } from "vitest";
import { formatEndpoint, parseEndpoint } from "../../../src/transport/index.ts";

describe("parseEndpoint", () => {
  it.each([
    ["tcp://kdc.example.org:1088", "tcp", "kdc.example.org", 1088, "tcp://kdc.example.org:1088"],
    ["tcp://kdc.example.org", "tcp", "kdc.example.org", 88, "tcp://kdc.example.org:88"],
    ["udp://kdc.example.org", "udp", "kdc.example.org", 88, "udp://kdc.example.org:88"],
    ["UDP://192.0.2.1:7", "udp", "192.0.2.1", 7, "udp://192.0.2.1:7"],
    ["kdc.example.org", undefined, "kdc.example.org", 88, "kdc.example.org:88"],
    ["kdc:65535", undefined, "kdc", 65535, "kdc:65535"],
    ["[2001:db8::1]:750", undefined, "2001:db8::1", 750, "[2001:db8::1]:750"],
    ["[::1]", undefined, "::1", 88, "[::1]:88"],
    ["2001:db8::1", undefined, "2001:db8::1", 88, "[2001:db8::1]:88"],
    ["tcp://[fe80::1%eth0]:88", "tcp", "fe80::1%eth0", 88, "tcp://[fe80::1%eth0]:88"],
    ["https://proxy.example.org/KdcProxy", "kkdcp", "proxy.example.org", 443, "https://proxy.example.org/KdcProxy"],
    ["https://[::1]:8443/p?key=secret", "kkdcp", "::1", 8443, "https://[::1]:8443/p"],
  ] as const)("reads %s", (text, transport, host, port, shown) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint).toMatchObject({ transport, host, port });
    expect(formatEndpoint(endpoint)).toBe(shown);
  });

  it.each([
    "",
    " ",
    "tcp://",
    "kdc:",
    "kdc:0",
    "kdc:65536",
    "kdc:88x",
    "kdc:+88",
    "kdc:8 8",
    "tcp://kdc:88/",
    "tcp://user@kdc",
    "kdc example",
    "[::1",
    "[kdc]:88",
    "a:b:c",
    "ldap://kdc",
    "http://proxy.example.org/KdcProxy",
    "https://",
  ])("refuses %j as the caller's mistake", (text) => {
    expect(() => parseEndpoint(text)).toThrow(TypeError);
  });

  it.each([
    ["kdc:88x", "its port is not a number from 1 to 65535"],
    ["tcp://", "it has no host, or more than a host and a port"],
    ["a:b:c", "its host is not an IPv6 address"],
    ["https://", "it is not a URL"],
    ["ldap://kdc", "its scheme is not tcp, udp or https"],
  ])("says why %s is none", (text, reason) => {
    expect(() => parseEndpoint(text)).toThrow(
      `"${text}" is not a server: ${reason}; write tcp://host:port, udp://host:port, host, host:port or https://host/KdcProxy`,
    );
  });

  it.each(["user@", ":hunter2@", "user:hunter2@"])("refuses a proxy's URL with %s in it", (userInfo) => {
    expect(() => parseEndpoint(`https://${userInfo}proxy.example.org/KdcProxy`)).toThrow(
      "the URL of the KDC proxy at proxy.example.org has a user name or password in it: leave them out",
    );
  });

  it("refuses a proxy's URL with a password, without showing it", () => {
    const parse = () => parseEndpoint("https://user:hunter2@proxy.example.org/KdcProxy");
    expect(parse).toThrow(/user name or password/);
    expect(parse).not.toThrow(/hunter2/);
  });
});
