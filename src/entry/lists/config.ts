// krb5.conf and the environment. A list that several entries publish.

export type {
  Environment,
  Krb5Config,
  Libdefaults,
  Profile,
  RealmConfig,
  Relation,
  ServerAddress,
} from "../../config/index.ts";
