/*
 * A database of MIT's KDC over its own db2, with what db2 leaves to directories (kdb.h of MIT): a name in another realm is
 * a referral to it, and a list of who may act for users at whom (resource-based). The KDC's own checks stay as they are.
 * Environment: KDB_DB2 is the path of db2.so; KDB_ACTORS has lines of "WHO AT": a service, and one at which it may act;
 * KDB_VIA is the realm that leads to those that this one has no keys for.
 */
#include <dlfcn.h>
#include <kdb.h>
#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

kdb_vftabl kdb_function_table;
static kdb_vftabl db2;

static krb5_error_code find_tgs(krb5_context context, const krb5_data *here, const char *realm, krb5_db_entry **entry)
{
    krb5_principal service = NULL;
    krb5_error_code code = KRB5_KDB_NOENTRY;

    if (krb5_build_principal(context, &service, here->length, here->data, "krbtgt", realm, (char *)NULL) == 0)
        code = db2.get_principal(context, service, 0, entry);
    krb5_free_principal(context, service);
    return code;
}

/* An enterprise name of another realm (MS-SFU section 3.1.5.1.1.1) is found under that realm's ticket-granting service. */
static krb5_error_code get_principal(krb5_context context, krb5_const_principal name, unsigned int flags,
                                     krb5_db_entry **entry)
{
    krb5_error_code code = db2.get_principal(context, name, flags, entry);
    krb5_principal named = NULL;
    const char *via = getenv("KDB_VIA");
    char *text = NULL;

    if (code != KRB5_KDB_NOENTRY || !(flags & KRB5_KDB_FLAG_REFERRAL_OK) || name->type != KRB5_NT_ENTERPRISE_PRINCIPAL)
        return code;
    if ((text = strndup(name->data[0].data, name->data[0].length)) != NULL &&
        krb5_parse_name(context, text, &named) == 0 && !krb5_realm_compare(context, named, name)) {
        code = find_tgs(context, &name->realm, named->realm.data, entry);
        if (code == KRB5_KDB_NOENTRY && via != NULL)
            code = find_tgs(context, &name->realm, via, entry);
    }
    krb5_free_principal(context, named);
    free(text);
    return code;
}

static krb5_error_code allowed_from(krb5_context context, krb5_const_principal user, krb5_const_principal service,
                                    krb5_pac pac, const krb5_db_entry *at)
{
    const char *list = getenv("KDB_ACTORS");
    char *who = NULL, *where = NULL, line[1024] = "";

    (void)user;
    if (pac == NULL || list == NULL || krb5_unparse_name(context, service, &who) != 0 ||
        krb5_unparse_name(context, at->princ, &where) != 0)
        return KRB5KDC_ERR_BADOPTION;
    snprintf(line, sizeof line, "\n%s %s\n", who, where);
    krb5_free_unparsed_name(context, who);
    krb5_free_unparsed_name(context, where);
    return strstr(list, line) != NULL ? 0 : KRB5KDC_ERR_BADOPTION;
}

__attribute__((constructor)) static void load(void)
{
    const char *file = getenv("KDB_DB2");
    void *module = file == NULL ? NULL : dlopen(file, RTLD_NOW | RTLD_LOCAL);
    kdb_vftabl *table = module == NULL ? NULL : dlsym(module, "kdb_function_table");

    if (table == NULL)
        return;
    db2 = kdb_function_table = *table;
    kdb_function_table.get_principal = get_principal;
    kdb_function_table.allowed_to_delegate_from = allowed_from;
}
