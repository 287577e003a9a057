import {
  type Checks,
  checkFunction,
  checkList,
  checkObject,
  checkOptions,
  checkRequired,
  checkText,
  refuse,
} from "../checks/index.ts";
import { createEncTypeSet, strongEncTypes } from "../crypto/index.ts";
import { loadGroups } from "../curves/index.ts";
import { type Enctypes, permittedTypes } from "../krb5/index.ts";
import {
  anonymousPrincipal,
  checkKerberosDate,
  checkPreauthName,
  createAuthority,
  Database,
  defaultPolicy,
  type Fault,
  type KdcPolicy,
  type KdcState,
  type PolicyChange,
  passwordServiceName,
  policyChecks,
  saidOf,
  type TestPrincipalOptions,
} from "./kdc/index.ts";
import { type RealmHost, TestRealm } from "./realm.ts";

/** Options for {@link createTestRealm}; the defaults are those of {@link KdcPolicy}. */
export interface TestRealmOptions extends Omit<PolicyChange, "enctypes"> {
  /** Encryption types by name or number, best first. Default 18, 17, 20, 19. */
  readonly enctypes?: Enctypes | undefined;
  /** The realm's name, by custom in capitals. */
  readonly realm: string;
  /**
   * Principals by name without the realm, for example `alice` or `host/localhost`; `krbtgt` and `kadmin/changepw` are
   * always there.
   */
  readonly principals?: Readonly<Record<string, TestPrincipalOptions>> | undefined;
  /** Realms that trust this one and are trusted by it; see {@link TestRealm.trust}. */
  readonly trusts?: readonly TestRealm[] | undefined;
  /** Faults from the beginning; see {@link TestRealm.fault}. */
  readonly faults?: readonly Fault[] | undefined;
  /** The KDC's clock in milliseconds since the epoch, before `clockOffsetSeconds` is added. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

const realmChecks: Checks<TestRealmOptions> = {
  ...policyChecks,
  preauth: [checkList, checkPreauthName],
  enctypes: (_, value) => void permittedTypes(value as Enctypes),
  realm: checkRealmName,
  principals: checkObject,
  trusts: [checkList, checkRealm],
  faults: [checkList, checkObject],
  now: checkFunction,
};

/** What RFC 4120 section 6.1 forbids, and what the text of a principal or a krb5.conf gives another meaning. */
function checkRealmName(name: string, value: unknown): void {
  checkText(name, value);
  if (/[\0-\x20/@\\={}]/.test(value as string)) {
    throw new TypeError(
      `${name} is not the name of a test realm: give one without slashes, spaces and any of @ \\ = { }`,
    );
  }
}

function checkRealm(name: string, value: unknown): void {
  if (!(value instanceof TestRealm)) refuse(name, value, "a realm made by createTestRealm");
}

/** Makes a realm on a host. */
export async function createRealm(options: TestRealmOptions, host: RealmHost): Promise<TestRealm> {
  checkOptions("createTestRealm", options, realmChecks);
  checkRequired(options, realmChecks, "realm");
  const { realm, principals = {}, trusts = [], faults = [], now = Date.now, enctypes, ...given } = options;
  const own = enctypes === undefined ? undefined : permittedTypes(enctypes);
  const etypes = own === undefined ? {} : { enctypes: own.map(({ etype }) => etype) };
  const policy: KdcPolicy = { ...defaultPolicy, ...saidOf(given), ...etypes };
  const known = new Map([...strongEncTypes, ...(own ?? [])].map((type) => [type.etype, type]));
  const allEncTypes = createEncTypeSet([...known.values()], host.provider);
  const encTypes = allEncTypes.restrict(policy.enctypes);
  const clock = (): Date => new Date(now() + state.policy.clockOffsetSeconds * 1000);
  const database = new Database(encTypes, clock, realm);
  const hasPkinit = policy.preauth.includes("pkinit");
  const groups = hasPkinit || policy.preauth.includes("spake") ? await loadGroups() : [];
  const common = { realm, policy, encTypes, allEncTypes, database, groups, trusts: new Map(), now: clock };
  const tools = { provider: host.provider, groups };
  const pkinit = hasPkinit ? { authority: await createAuthority(tools, realm, new Date(now())) } : undefined;
  const state: KdcState = pkinit === undefined ? common : { ...common, pkinit };
  checkKerberosDate("the realm's clock", clock());
  await database.add(`krbtgt/${realm}`);
  await database.add(passwordServiceName);
  if (hasPkinit) await database.add(anonymousPrincipal);
  for (const [name, principal] of Object.entries(principals)) await database.add(name, principal);
  const made = new TestRealm(state, host);
  for (const other of trusts) made.trust(other);
  for (const fault of faults) made.fault(fault);
  return made;
}
