/* The peer of the KDC and key workloads: libkrb5. */
#include "bench.h"

#include <krb5.h>

static krb5_context context;

static void check(const char *what, krb5_error_code code)
{
    if (code != 0)
        fail(what, krb5_get_error_message(context, code));
}

static void string_to_key(long count, krb5_enctype etype, const char *password, const char *salt, struct clock *clock)
{
    krb5_data secret = {0, (unsigned) strlen(password), (char *) password};
    krb5_data salted = {0, (unsigned) strlen(salt), (char *) salt};
    start_clock(clock);
    for (long i = 0; i < count; i++) {
        krb5_keyblock key;
        check("string-to-key", krb5_c_string_to_key(context, etype, &secret, &salted, &key));
        krb5_free_keyblock_contents(context, &key);
    }
    stop_clock(clock);
}

/* What kinit -X X509_user_identity= and kinit -T name; NULL where they are not given. */
struct more {
    const char *identity, *armor;
};

/* A login into memory, as kinit does it. */
static void log_in(krb5_principal client, const char *password, krb5_keytab keytab, struct more more, krb5_creds *creds)
{
    krb5_get_init_creds_opt *options;
    check("options", krb5_get_init_creds_opt_alloc(context, &options));
    if (more.identity != NULL)
        check("identity", krb5_get_init_creds_opt_set_pa(context, options, "X509_user_identity", more.identity));
    if (more.armor != NULL)
        check("armor", krb5_get_init_creds_opt_set_fast_ccache_name(context, options, more.armor));
    if (password != NULL)
        check("AS", krb5_get_init_creds_password(context, creds, client, password, NULL, NULL, 0, NULL, options));
    else
        check("AS", krb5_get_init_creds_keytab(context, creds, client, keytab, 0, NULL, options));
    krb5_get_init_creds_opt_free(context, options);
}

static const struct more none = {NULL, NULL};

static void log_in_loop(long count, const char *name, const char *password, const char *keytab_name, struct more more,
                        struct clock *clock)
{
    krb5_principal client;
    krb5_keytab keytab = NULL;
    /* The PKINIT plug-in takes one identity in the life of a context, and keeps it. */
    if (more.identity != NULL) {
        krb5_free_context(context);
        check("context", krb5_init_context(&context));
    }
    check("principal", krb5_parse_name(context, name, &client));
    if (keytab_name != NULL)
        check("keytab", krb5_kt_resolve(context, keytab_name, &keytab));
    start_clock(clock);
    for (long i = 0; i < count; i++) {
        krb5_creds creds;
        log_in(client, password, keytab, more, &creds);
        more.identity = NULL;
        krb5_free_cred_contents(context, &creds);
    }
    stop_clock(clock);
    if (keytab != NULL)
        krb5_kt_close(context, keytab);
    krb5_free_principal(context, client);
}

/* Service tickets with one ticket-granting ticket; the cache is emptied of them in between. */
static void tgs_loop(long count, const char *name, const char *keytab_name, const char *service, struct clock *clock)
{
    krb5_principal client, server;
    krb5_keytab keytab;
    krb5_creds tgt;
    krb5_ccache cache;
    check("principal", krb5_parse_name(context, name, &client));
    check("service", krb5_parse_name(context, service, &server));
    check("keytab", krb5_kt_resolve(context, keytab_name, &keytab));
    check("cache", krb5_cc_new_unique(context, "MEMORY", NULL, &cache));
    log_in(client, NULL, keytab, none, &tgt);
    struct clock sum = {0, 0};
    for (long i = 0; i < count; i++) {
        krb5_creds wanted, *got = NULL;
        check("cache", krb5_cc_initialize(context, cache, client));
        check("cache", krb5_cc_store_cred(context, cache, &tgt));
        memset(&wanted, 0, sizeof wanted);
        wanted.client = client;
        wanted.server = server;
        start_clock(clock);
        check("TGS", krb5_get_credentials(context, 0, cache, &wanted, &got));
        stop_clock(clock);
        sum.wall += clock->wall;
        sum.cpu += clock->cpu;
        krb5_free_creds(context, got);
    }
    *clock = sum;
    krb5_cc_destroy(context, cache);
    krb5_free_cred_contents(context, &tgt);
    krb5_kt_close(context, keytab);
}

/* s2k ETYPE PASSWORD SALT; as-password CLIENT PASSWORD; as-keytab CLIENT KEYTAB; as-pkinit CLIENT
   IDENTITY; as-fast CLIENT PASSWORD CACHE; tgs CLIENT KEYTAB SERVICE. */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock)
{
    if (context == NULL && krb5_init_context(&context) != 0)
        fail("context", "krb5_init_context");
    if (argc >= 3 && strcmp(operation, "s2k") == 0)
        string_to_key(count, atoi(argv[0]), argv[1], argv[2], clock);
    else if (argc >= 2 && strcmp(operation, "as-password") == 0)
        log_in_loop(count, argv[0], argv[1], NULL, none, clock);
    else if (argc >= 2 && strcmp(operation, "as-keytab") == 0)
        log_in_loop(count, argv[0], NULL, argv[1], none, clock);
    else if (argc >= 2 && strcmp(operation, "as-pkinit") == 0)
        log_in_loop(count, argv[0], "", NULL, (struct more){argv[1], NULL}, clock);
    else if (argc >= 3 && strcmp(operation, "as-fast") == 0)
        log_in_loop(count, argv[0], argv[1], NULL, (struct more){NULL, argv[2]}, clock);
    else if (argc >= 3 && strcmp(operation, "tgs") == 0)
        tgs_loop(count, argv[0], argv[1], argv[2], clock);
    else
        return 0;
    return 1;
}
