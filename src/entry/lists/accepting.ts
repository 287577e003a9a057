// Keys of a service, and the cache of what it has taken. A list that several entries publish.

export type { KeySource, ReplayAnswer, ReplayCache, ReplayEntry, ServiceKey } from "../../krb5/index.ts";
