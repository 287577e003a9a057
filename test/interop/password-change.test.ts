// Password change and set (RFC 3244) against MIT's kadmind and Heimdal's kpasswdd.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import {
  ccache,
  createClient,
  createKerberos,
  KerberosError,
  type KerberosOptions,
  keytab,
  PasswordChangeError,
  password,
} from "../../src/entry/index.ts";
import { startHeimdalBed, startKdcproxy, startMitBed } from "../../tools/beds/index.mjs";
import { describeLive, useBed } from "../support/live.ts";
import { rejectedWith } from "../support/rejected.ts";

const failure = rejectedWith(KerberosError);

describeLive("mit", "password change at MIT's kadmind", () => {
  const bed = useBed(() =>
    startMitBed({
      kadmind: true,
      maxRenewableLife: "7d",
      principals: [
        "addpol -minlength 10 -minclasses 2 -history 2 strict",
        ...["tcp", "udp", "proxy", "set", "keeper", "rest", "half"].map(
          (name) => `addprinc -pw first-password ${name}`,
        ),
        "addprinc -policy strict -pw First-password-1 careful",
        'addprinc -pw first-password -pwexpire "2020-01-01 00:00:00" +requires_preauth overdue',
        "addprinc -pw first-password +needchange fresh",
      ].join("\n"),
    }),
  );
  const options = (more: KerberosOptions = {}): KerberosOptions => ({
    kdc: { [bed().realm]: bed().kdc },
    kpasswd: { [bed().realm]: bed().kpasswd },
    ...more,
  });
  const change = (user: string, from: string, to: string, more: KerberosOptions = {}) =>
    createKerberos(options(more)).changePassword(password(`${user}@${bed().realm}`, from), to);
  const canLogIn = (user: string, secret: string) =>
    createKerberos(options()).login(password(`${user}@${bed().realm}`, secret));

  it.each(["tcp", "udp"])("over %s", async (transport) => {
    const server = bed().kpasswd.filter((url) => url.startsWith(transport));
    await change(transport, "first-password", "second-password", { kpasswd: { [bed().realm]: server } });
    await canLogIn(transport, "second-password");
    expect((await failure(canLogIn(transport, "first-password"))).code).toBe("WRONG_PASSWORD");
  });

  it("finds the server in krb5.conf, and a client changes its own", async () => {
    const config = readFileSync(bed().krb5Conf, "utf8");
    const client = createClient({
      credentials: { principal: `keeper@${bed().realm}`, password: "first-password" },
      config,
    });
    await client.changePassword("second-pässword");
    await canLogIn("keeper", "second-pässword");
  });

  it("text with half a surrogate pair is the same octets for the change and for the login", async () => {
    await change("half", "first-password", "second-\udce9-password");
    await canLogIn("half", "second-\udce9-password");
  });

  it("says what the policy of the server wants, and changes nothing", async () => {
    const error = await rejectedWith(PasswordChangeError)(change("careful", "First-password-1", "short"));
    expect(error).toMatchObject({ code: "PASSWORD_REJECTED", resultCode: 4, isProven: true });
    expect(error.serverMessage).toMatch(/too short|at least 10/i);
    await canLogIn("careful", "First-password-1");
  });

  it.each(["overdue", "fresh"])("names the API where a password has expired (%s), and that API works", async (user) => {
    const error = await failure(canLogIn(user, "first-password"));
    expect(error.code).toBe("PASSWORD_EXPIRED");
    expect(error.message).toContain("client.changePassword(newPassword)");
    const credentials = { principal: `${user}@${bed().realm}`, password: "first-password" };
    await createClient({ credentials, ...options() }).changePassword("second-password");
    await canLogIn(user, "second-password");
  });

  it("an administrator sets another's, and nobody else does", async () => {
    const { realm } = bed();
    const kerberos = createKerberos(options());
    await kerberos.changePassword(password(`admin/admin@${realm}`, "admin-password"), "set-password", {
      target: `set@${realm}`,
    });
    await canLogIn("set", "set-password");
    const refused = kerberos.changePassword(password(`alice@${realm}`, "alice-password"), "stolen-password", {
      target: `set@${realm}`,
    });
    expect(await failure(refused)).toMatchObject({ code: "PASSWORD_CHANGE", resultCode: 5 });
    await canLogIn("set", "set-password");
  });

  it("a wrong old password is one failed login and no request", async () => {
    const error = await failure(change("bob", "not the password", "second-password"));
    expect(error.code).toBe("WRONG_PASSWORD");
    expect(JSON.stringify(error)).not.toContain("second-password");
  });

  it("silence is not a refusal, and the error says so; where no server was reached the password is as it was", async () => {
    const changeAt = (kpasswd: string) =>
      failure(change("set", "set-password", "other-password", { kpasswd: { [bed().realm]: [kpasswd] } }));
    const unreached = await changeAt("tcp://127.0.0.1:1");
    expect(unreached.code).toBe("KDC_UNREACHABLE");
    expect(unreached.message).toMatch(/can be reached, and the password is as it was.*tcp:\/\/127\.0\.0\.1:1/);
    const silent = createServer((socket) => socket.once("data", () => socket.end())).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const unanswered = await changeAt(`tcp://127.0.0.1:${port}`);
    silent.close();
    expect(unanswered.code).toBe("KDC_UNREACHABLE");
    expect(unanswered.message).toMatch(/may be changed all the same/);
    expect(unanswered.message).toContain(`tcp://127.0.0.1:${port}`);
  });

  it("works with a keytab, and a changed key is seen at the next login", async () => {
    const kerberos = createKerberos(options());
    const robot = keytab(`robot@${bed().realm}`, bed().keytab.robot);
    await kerberos.changePassword(robot, "robot-password");
    await canLogIn("robot", "robot-password");
    expect((await failure(kerberos.login(robot))).code).toBe("KEYTAB");
  });

  it("tickets alone change no password: the KDC gives no ticket for that to a ticket", async () => {
    const login = await bed().kinit("alice", { password: "alice-password" });
    const client = createClient({ credentials: ccache(login.env.KRB5CCNAME), ...options() });
    expect((await failure(client.changePassword("stolen-password"))).message).toMatch(/kadmin\/changepw|policy/);
    await canLogIn("alice", "alice-password");
  });

  it("lets a secret rest no longer once the password is changed", async () => {
    let secret = "wrong";
    const credentials = { principal: `rest@${bed().realm}`, password: () => secret };
    const client = createClient({ credentials, ...options() });
    expect((await failure(client.getTicket(`krbtgt/${bed().realm}@${bed().realm}`))).code).toBe("WRONG_PASSWORD");
    secret = "first-password";
    await client.changePassword("wrong");
    secret = "wrong";
    await client.getTicket(`krbtgt/${bed().realm}@${bed().realm}`);
  });
});

describeLive(["mit", "kdcproxy"], "password change through an MS-KKDCP proxy", () => {
  const bed = useBed(() => startMitBed({ kadmind: true, principals: "addprinc -pw first-password proxy" }));
  const proxy = useBed(() =>
    startKdcproxy({ beds: [{ realm: bed().realm, kdc: bed().kdc, kpasswd: bed().kpasswd[0] as string }] }),
  );

  it("goes to the same proxy as the login", async () => {
    const kerberos = createKerberos({ kdc: { [bed().realm]: [proxy().url] }, trustAnchors: proxy().caPem });
    await kerberos.changePassword(password(`proxy@${bed().realm}`, "first-password"), "second-password");
    await kerberos.login(password(`proxy@${bed().realm}`, "second-password"));
    // The login for kadmin/changepw, the change itself, and a login.
    expect(proxy().requests()).toBe(3);
  });
});

describeLive("heimdal", "password change at Heimdal's kpasswdd", () => {
  const bed = useBed(() => startHeimdalBed({ kpasswdd: true }));
  const kerberos = () =>
    createKerberos({ kdc: { [bed().realm]: bed().kdc }, kpasswd: { [bed().realm]: bed().kpasswd } });
  const bob = (secret: string) => password(`bob@${bed().realm}`, secret);

  it("changes, and the new one is the password", async () => {
    await kerberos().changePassword(bob("bob-password"), "Another-password-2");
    await kerberos().login(bob("Another-password-2"));
    expect((await failure(kerberos().login(bob("bob-password")))).code).toBe("WRONG_PASSWORD");
  });

  it("an expired one too", async () => {
    const overdue = password(`pwexpired@${bed().realm}`, "pwexpired-password");
    expect((await failure(kerberos().login(overdue))).code).toBe("PASSWORD_EXPIRED");
    await kerberos().changePassword(overdue, "Another-password-2");
    await kerberos().login(password(`pwexpired@${bed().realm}`, "Another-password-2"));
  });

  it("sets another's only for who may", async () => {
    const refused = kerberos().changePassword(password(`alice@${bed().realm}`, "alice-password"), "Stolen-password-2", {
      target: `bob-aes256sha1@${bed().realm}`,
    });
    // Its code says "hard error", its words what it is.
    const error = await failure(refused);
    expect(error).toMatchObject({ code: "PASSWORD_CHANGE", resultCode: 2, isProven: true });
    expect(error.message).toContain("permission denied");
  });
});
