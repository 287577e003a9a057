/**
 * Every option of every command, with what it changes. In a command line `{x}` is there with the option alone, `{x|y}` is
 * x without it and y with it. A pattern is
 * seen with the option and not without; one with `hides` the other way round.
 */
export type OptionRow = readonly [option: string, lines: string, seen: Seen];
/** `differs`: seen both times, with another text. `ends`: without the option the command goes on until it is
 * ended; `goesOn`: with it. */
export type Seen =
  | RegExp
  | { readonly hides: RegExp }
  | { readonly differs: RegExp }
  | { readonly ends: RegExp }
  | { readonly goesOn: true };

const alice = "-kt $K/alice alice";
const login = `kinit ${alice}`;
const defaults = "KRB5_CONFIG=$K/defaults.conf";
const identity = "X509_user_identity=FILE:$K/alice.pem,$K/alice.key";
const anchors = "X509_anchors=FILE:$K/ca.pem";
const noEffect = /note: -\S+ has no effect: /;

const KINIT: readonly OptionRow[] = [
  ["r", `kinit {-r 2d} ${alice}`, /AS-REQ options=renewable .*rtime=2880m/],
  ["f", `kinit {-f} ${alice}; klist -f`, /AS-REQ options=\S*forwardable[\s\S]*Flags: F/],
  ["p", `kinit {-p} ${alice}; klist -f`, /AS-REQ options=\S*proxiable[\s\S]*Flags: P/],
  ["F", `${defaults} kinit {-F} ${alice}`, { hides: /AS-REQ options=\S*forwardable/ }],
  ["P", `${defaults} kinit {-P} ${alice}`, { hides: /AS-REQ options=\S*proxiable/ }],
  ["a", `kinit {-a} ${alice}`, /addresses=[1-9]/],
  ["A", `${defaults} kinit {-A} ${alice}`, { hides: /addresses=[1-9]/ }],
  ["n", `kinit -X ${anchors} {-n} @TEST.EXAMPLE`, /AS-REQ options=\S*(?:anonymous|requestAnonymous)/],
  ["5", `kinit {-5} ${alice}`, noEffect],
  ["4", `kinit {-4} ${alice}`, /Kerberos 4 is no longer supported/],
  ["V", `kinit {-V} ${alice}`, /Authenticated to Kerberos v5/],
  ["l", `kinit {-l 2h} ${alice}`, /till=120m/],
  ["s", `kinit {-s 1h} ${alice}`, /from=60m/],
  ["c", `kinit {-c $W/other} ${alice}`, /file other 600/],
  ["k", "KRB5_KTNAME=$K/alice kinit {-k} alice", { hides: /Password for alice/ }],
  ["i", "kinit -k {-i}", /cname=alice\(/],
  ["t", "kinit -k {-t $K/alice} alice", /AS-REQ[\s\S]*file cc 600/],
  ["T", `${login} -c $W/armor; kinit {-T $W/armor} ${alice}`, /AS-REQ .*padata=\S*\b136\b/],
  ["R", `kinit -r 5h ${alice}; kinit {-R} ${alice}`, /TGS-REQ options=\S*renew\b/],
  ["S", `kinit {-S host/srv.test.example} ${alice}`, /AS-REQ .*sname=host\/srv\.test\.example/],
  ["v", `${login}; kinit {-v} ${alice}`, /is valid already: use it \(while validating credentials\)/],
  ["X", `kinit {-X ${identity} -X ${anchors}} alice`, /padata=\S*\b16\b/],
  ["C", `kinit {-C} ${alice}`, /AS-REQ options=\S*canonicalize/],
  ["E", "kinit {-E} alice@corp.example", /cname=alice@corp\.example\(10\)/],
  [
    "I",
    `kinit -X ${identity} -X ${anchors} -c $W/in alice; kinit -X ${anchors} {-I $W/in} -c $W/out alice`,
    /file out 600/,
  ],
  ["request-pac", `kinit {--request-pac} ${alice}`, /AS-REQ .*padata=\S*\b128\b/],
  ["no-request-pac", `kinit {--no-request-pac} ${alice}`, /AS-REQ .*padata=\S*\b128\b/],
];

const inDir = "KRB5CCNAME=DIR:$W/d";
/** Two caches in a collection, of which that of bob is the primary one. */
const two = `${inDir} ${login}; kinit -c DIR::$W/d/tktbob -kt $K/bob bob; ${inDir} kswitch -p bob`;

const KLIST: readonly OptionRow[] = [
  ["d", `${login}; klist {-d}`, /Authorization|adtypes|AD types/i],
  ["f", `${login}; klist {-f}`, /Flags: /],
  ["e", `${login}; klist {-e}`, /Etype \(skey, tkt\)/],
  ["t", "klist -k {-t} $K/alice", /Timestamp/],
  ["K", "klist -k {-K} $K/alice", /\(0x[0-9a-f]{64}\)/],
  ["s", `${login}; klist {-s}`, { hides: /Ticket cache:/ }],
  ["n", `${defaults} kinit ${alice}; klist -a {-n}`, /Addresses: (?:.*, )?127\.0\.0\.1/],
  ["a", `${login}; klist {-a}`, /Addresses: \(none\)/],
  ["c", "KRB5_KTNAME=$K/alice klist {-k|-c}", /No credentials cache found/],
  ["k", "klist {-k} $K/alice", /alice@TEST\.EXAMPLE/],
  ["i", "klist -k {-i}", /alice@TEST\.EXAMPLE/],
  ["4", "klist {-4}", /Kerberos 4/],
  ["5", `${login}; klist {-5}`, noEffect],
  ["l", `${login}; klist {-l}`, /Cache name/],
  [
    "A",
    `${two}; ${inDir} klist {-A}`,
    /principal: alice@[\s\S]*principal: bob@|principal: bob@[\s\S]*principal: alice@/,
  ],
  ["V", "klist {-V}", /krb5-remctl version \d/],
  ["C", `${login}; klist {-C}`, /config: /],
];

const OTHERS_OF_MIT: readonly OptionRow[] = [
  ["kdestroy 5", `${login}; kdestroy {-5}`, noEffect],
  ["kdestroy 4", "kdestroy {-4}", /Kerberos 4/],
  ["kdestroy A", `${two}; ${inDir} kdestroy {-A}; ${inDir} klist -l`, { hides: /alice@|bob@/ }],
  ["kdestroy q", `${two}; ${inDir} kdestroy {-q}`, { hides: /Other credential caches present/ }],
  ["kdestroy c", `${login}; ${login} -c $W/other; kdestroy {-c $W/other}`, /file cc 600/],
  ["kdestroy p", `${two}; ${inDir} kdestroy {-p alice}; ${inDir} klist -l`, /status 0[\s\S]*bob@TEST\.EXAMPLE /],
  ["kswitch c", `${two}; ${inDir} kswitch {-p bob|-c DIR::$W/d/tkt}; ${inDir} klist`, /cache: DIR::\$W\/d\/tkt\n/],
  ["kswitch p", `${two}; ${inDir} kswitch -p {bob|alice}; ${inDir} klist`, /Default principal: alice@/],
  [
    "kpasswd T",
    `${login} -c $W/armor; kpasswd {-T $W/armor} bob < bob-password\\nx1\\nx2`,
    /AS-REQ .*padata=\S*\b136\b/,
  ],
];

const kvno = (option: string, more = "host/srv.test.example"): string => `kinit -f ${alice}; kvno ${option} ${more}`;
const service = "kinit -f -kt $K/web HTTP/web.test.example";

const KVNO: readonly OptionRow[] = [
  ["u", kvno("{-u}"), /TGS-REQ .*sname=host\/srv\.test\.example\(0\)/],
  ["C", kvno("{-C}"), noEffect],
  ["c", `${login} -c $W/other; kvno {-c $W/other} host/srv.test.example`, /TGS-REQ/],
  ["e", kvno("{-e aes128-sha1}"), /TGS-REQ .*etype=17 /],
  ["h", kvno("{-h}"), /usage: kvno/],
  ["k", kvno("{-k $K/srv}"), /keytab entry valid/],
  ["q", kvno("{-q}"), { hides: /kvno = / }],
  ["P", `${service}; kvno -I alice {-P} {HTTP/web.test.example|host/srv.test.example}`, /sname=host\/srv/],
  ["S", kvno("{-S host}", "srv.test.example"), /sname=host\/srv\.test\.example/],
  ["I", `${service}; kvno {-I alice} HTTP/web.test.example; klist`, /for client alice@TEST\.EXAMPLE/],
  ["U", `${service}; kvno {-U alice@corp.example} HTTP/web.test.example`, /TGS-REQ .*padata=\S*\b130\b/],
  ["F", `${service}; kvno {-F $K/alice.pem} HTTP/web.test.example`, /TGS-REQ .*padata=\S*\b130\b/],
  ["cached-only", kvno("{--cached-only}"), { hides: /TGS-REQ/ }],
  ["no-store", `${kvno("{--no-store}")}; klist`, { hides: /\n\S.* host\/srv\.test\.example@TEST/ }],
  ["out-cache", kvno("{--out-cache $W/out}"), /file out 600/],
  ["u2u", `kinit -c $W/bob -kt $K/bob bob; ${kvno("{--u2u $W/bob}", "bob")}`, /TGS-REQ options=\S*encTktInSkey/],
];

const KEEPERS: readonly OptionRow[] = [
  [
    "k5start a",
    "k5start -q -f $K/alice -H 60 alice; k5start -v -f $K/alice {-a} alice",
    /-a only makes sense with -K or a command/,
  ],
  ["k5start b", "k5start {-b} -K 5 -f $K/alice alice -- true", /-b is not possible/],
  ["k5start c", "k5start -f $K/alice {-c $W/pid} alice -- sh -c 'sleep 0.3 && test -s $W/pid'", { hides: /status 1/ }],
  ["k5start F", `${defaults} k5start {-F} -f $K/alice alice`, { hides: /AS-REQ options=\S*forwardable/ }],
  ["k5start f", "k5start {-f $K/alice} alice", { hides: /Password for/ }],
  ["k5start g", "k5start -f $K/alice {-g 7} alice", /file cc 600 user 0 group 7/],
  ["k5start h", "k5start {-h} -f $K/alice alice", /Usage: k5start/],
  [
    "k5start H",
    "k5start -q -f $K/alice alice; k5start -q {-H 60} -f $K/alice alice",
    { hides: /AS-REQ[\s\S]*AS-REQ[\s\S]*AS-REQ/ },
  ],
  ["k5start I", "k5start -S host {-I srv.test.example} -f $K/alice alice", /sname=host\/srv\.test\.example/],
  ["k5start i", "k5start -u HTTP {-i web.test.example} -f $K/web", /cname=HTTP\/web\.test\.example/],
  ["k5start K", "k5start {-K 10} -l 5m -f $K/alice alice", /-K limit 10 must be smaller than lifetime 5/],
  ["k5start k", "k5start {-k $W/other} -f $K/alice alice", /file other 600/],
  ["k5start L", "k5start {-L} -f $K/alice alice", /-L has no effect/],
  ["k5start l", "k5start {-l 2h} -f $K/alice alice", /till=120m/],
  ["k5start m", "k5start {-m 640} -f $K/alice alice", /file cc 640/],
  ["k5start n", "k5start {-n} -f $K/alice alice", noEffect],
  ["k5start o", "k5start -f $K/alice {-o 12} alice", /file cc 600 user 12/],
  ["k5start P", `${defaults} k5start {-P} -f $K/alice alice`, { hides: /AS-REQ options=\S*proxiable/ }],
  ["k5start p", "k5start -f $K/alice {-p $W/pid} alice -- sh -c 'test -s $W/pid'", { hides: /status 1/ }],
  ["k5start q", "k5start {-q} -f $K/alice alice", { hides: /Kerberos initialization/ }],
  ["k5start r", "k5start {-r OTHER.EXAMPLE} -f $K/alice alice", /sname=krbtgt\/OTHER\.EXAMPLE/],
  ["k5start S", "k5start {-S host} -I srv.test.example -f $K/alice alice", /sname=host\/srv\.test\.example/],
  ["k5start s", "k5start {-s} alice < alice-password", /\nPassword: /],
  ["k5start t", "k5start {-t} -f $K/alice alice", /-t is not possible/],
  ["k5start U", "k5start {-U} -f $K/bob", /cname=bob\(/],
  ["k5start u", "k5start {-u bob} -f $K/bob", /cname=bob\(/],
  ["k5start v", "k5start {-v} -f $K/alice alice", /authenticating as alice@TEST\.EXAMPLE/],
  ["k5start x", "k5start -K 5 {-x} -f $K/none alice", { ends: /status 1/ }],
  ["krenew a", `kinit -r 5h ${alice}; krenew {-a}`, /-a only makes sense with -K or a command/],
  ["krenew b", `kinit -r 5h ${alice}; krenew {-b} -K 5 -- true`, /-b is not possible/],
  [
    "krenew c",
    `kinit -r 5h ${alice}; krenew {-c $W/pid} -- sh -c 'sleep 0.3 && test -s $W/pid'`,
    { hides: /status 1/ },
  ],
  ["krenew h", "krenew {-h}", /-K {4}looks at the ticket/],
  ["krenew H", `kinit -r 5h ${alice}; krenew {-H 60}`, { hides: /TGS-REQ/ }],
  ["krenew i", `kinit -l 1h ${alice}; krenew {-i} -- true`, { goesOn: true }],
  ["krenew K", "krenew {-K 0}", /-K interval argument 0 invalid/],
  ["krenew k", `kinit -r 5h -c $W/other ${alice}; krenew {-k $W/other}`, /TGS-REQ options=\S*renew\b/],
  ["krenew L", "krenew {-L}", /-L has no effect/],
  ["krenew p", `kinit -r 5h ${alice}; krenew {-p $W/pid} -- sh -c 'test -s $W/pid'`, { hides: /status 1/ }],
  ["krenew q", `kinit -r 5h ${alice}; krenew {-q}`, noEffect],
  ["krenew s", `kinit -r 5h ${alice}; krenew {-s}`, /-s option only makes sense with a command/],
  ["krenew t", "krenew {-t}", /-t is not possible/],
  ["krenew v", `kinit -r 5h ${alice}; krenew {-v}`, /renewing credentials for alice/],
  [
    "krenew x",
    `kinit -r 5h ${alice}; krenew -i {-x} -k $W/cc -- sh -c 'rm $KRB5CCNAME && kill -ALRM $PPID && sleep 1'`,
    /status 1/,
  ],
];

const add = "keytab add -t $W/kt";
const OWN: readonly OptionRow[] = [
  [
    "keytab a",
    `${add} {-a WEB$} -e aes256-sha1 HTTP/web < secret; keytab list -K -t $W/kt`,
    { differs: /0x[0-9a-f]{64}/ },
  ],
  ["keytab e", `${add} {-e aes128-sha1} alice < secret; keytab list -t $W/kt`, { hides: /aes256/ }],
  ["keytab f", `${add} {-f} alice < alice-password`, /AS-REQ/],
  [
    "keytab i",
    `${add} {-i 5000} -e aes256-sha1 alice < secret; keytab list -K -t $W/kt`,
    { differs: /0x[0-9a-f]{64}/ },
  ],
  ["keytab K", "keytab list {-K} -t $K/alice", /0x[0-9a-f]{64}/],
  [
    "keytab s",
    `${add} {-s salt} -e aes256-sha1 alice < secret; keytab list -K -t $W/kt`,
    { differs: /0x[0-9a-f]{64}/ },
  ],
  ["keytab t", "keytab list {-t $K/alice}", /alice@TEST/],
  ["keytab V", `${add} {-V 7} alice < secret; keytab list -t $W/kt`, / 7 .*alice@/],
  [
    "decode t",
    `keytab add -t $W/kt -e aes256-sha1 $SESSION_CLIENT < $SESSION_PASSWORD; decode {-t $W/kt} $K/session`,
    /EncASRepPart/,
  ],
  ["decode k", "decode {-k $SESSION_KEY} $K/session", /opened with: the given key/],
  ["decode p", "decode {-p $SESSION_CLIENT} $K/session < $SESSION_PASSWORD", /opened with: the password of/],
  ["decode c", "decode {-c $K/session.cc} $K/session", /opened with: the session key of/],
  ["decode A", "decode {-A $K/pkinit.pem} $K/pkinit", /signature: .*path leads to an authority that was given/],
  ["decode S", "decode -k $SESSION_KEY {-S} $K/session", /keyvalue: 32 octets: [0-9a-f]{64}/],
  ["decode x", "decode {-x} $K/session", /: [0-9a-f]{400}/],
  ["link f", "kinit -c $W/kinit -kt $K/alice alice; link {-f} $W", { hides: /is there already/ }],
  ["trace j", `trace {-j} ${login}`, /^\{"at":\d+,.*"type":"login-begin"/m],
  ["trace H", `trace {-H $W/page.html} ${login}`, /file page\.html 600/],
];

const doctor = "doctor -p $PORT alice@TEST.EXAMPLE";
const DOCTOR: readonly OptionRow[] = [
  ["t", "doctor {-t $K/alice} alice@TEST.EXAMPLE", /AS-REQ .*padata=2,/],
  ["w", "doctor {-w} alice@TEST.EXAMPLE < alice-password", /Password for alice/],
  ["c", `kinit -c $W/other ${alice}; doctor {-c $W/other} alice@TEST.EXAMPLE 127.0.0.1`, /TGS-REQ/],
  ["p", `${login}; doctor {-p $PORT} alice@TEST.EXAMPLE 127.0.0.1`, /connect 127\.0\.0\.1:$PORT/],
  ["s", `${login}; ${doctor} {-s host/srv.test.example} 127.0.0.1`, /TGS-REQ .*sname=host\/srv\.test\.example/],
  ["j", "doctor {-j} alice@TEST.EXAMPLE", /^\{"check":/m],
  ["T", "KRB5_CONFIG=$K/silent.conf doctor {-T 1} alice@TEST.EXAMPLE", { hides: /lasted more than 4 s/ }],
  [
    "a",
    `kinit -c $W/armor ${alice}; doctor {-a $W/armor} -t $K/alice alice@TEST.EXAMPLE`,
    /AS-REQ .*padata=\S*\b136\b/,
  ],
  ["X", `doctor {-X ${identity} -X ${anchors}} alice@TEST.EXAMPLE`, /padata=\S*\b16\b/],
];

const remctl = `${login}; remctl -p $PORT`;
const who = "127.0.0.1 test whoami";
const REMCTL: readonly OptionRow[] = [
  ["b", `${remctl} {-b 127.0.0.3} ${who}`, /from 127\.0\.0\.3/],
  ["d", `${remctl} {-d} ${who}`, /Sent command: 2 arguments/],
  ["h", `${remctl} {-h} ${who}`, /[Uu]sage: /],
  ["p", `${login}; remctl {-p $PORT} ${who}`, /alice@TEST\.EXAMPLE/],
  ["s", `${remctl} {-s host/srv.test.example} ${who}`, /TGS-REQ .*sname=host\/srv\.test\.example/],
  ["t", `${remctl} {-t 1} 127.0.0.1 test slow`, /timed out/],
  ["v", `${remctl} {-v} ${who}`, /krb5-remctl/],
  ["allow-version-1", `${login}; remctl -p $OLD_PORT {--allow-version-1} ${who}`, /alice@TEST\.EXAMPLE/],
  ["concurrency", `${remctl} {--concurrency 1} --hosts 127.0.0.1,localhost 'test' beside`, { hides: /2 at once/ }],
  ["expand", `${remctl} {--expand} 127.0.0.1 test echo @$K/words`, /words of a file/],
  ["hosts", `${remctl} {127.0.0.1|--hosts 127.0.0.1,localhost} test whoami`, /localhost: alice/],
  ["hosts-file", `${remctl} {127.0.0.1|--hosts-file $K/hosts} test whoami`, /localhost: alice/],
  ["json", `${remctl} {--json} ${who}`, /^\{"host":"127\.0\.0\.1","stream":"stdout"/m],
  ["protocol", `${login}; remctl -p $OLD_PORT {--protocol 1} ${who}`, /alice@TEST\.EXAMPLE/],
  ["srv", `${login}; remctl {--srv} -s host/127.0.0.1 remctl.test test whoami`, /connect \S*:$PORT/],
];

const under = (command: string, rows: readonly OptionRow[]): OptionRow[] =>
  rows.map(([option, lines, seen]) => [`${command} ${option}`, lines, seen]);

export const OPTION_ROWS: readonly OptionRow[] = [
  ...under("kinit", KINIT),
  ...under("klist", KLIST),
  ...OTHERS_OF_MIT,
  ...under("kvno", KVNO),
  ...KEEPERS,
  ...OWN,
  ...under("doctor", DOCTOR),
  ...under("remctl", REMCTL),
];
