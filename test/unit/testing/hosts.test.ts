import { expect, it } from "vitest";
import { createTestRealm } from "../../../src/entry/testing.ts";

it("krb5.conf has the hosts of services, and nothing that is no host", async () => {
  await using realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [17],
    principals: {
      alice: {},
      "host/one.example": {},
      "HTTP/one.example": {},
      "we\\/ird": {},
      "svc/with\\/slash": {},
      "svc/two words": {},
      "svc/a = {\n  evil": {},
      "a/b/c": {},
    },
  });
  const [, hosts] = realm.krb5Conf().split("[domain_realm]\n");
  expect(hosts).toBe("  one.example = TEST.EXAMPLE\n");
});
