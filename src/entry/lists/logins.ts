// Where credentials of a login come from. A list that several entries publish.

export {
  type CacheChoice,
  ccache,
  contentsOfLogin,
  fromEnvironment,
  keytab,
  type Login,
  type PasswordOptions,
  password,
} from "../../client/index.ts";
