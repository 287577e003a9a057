/* The peer of the GSS-API workloads: libgssapi_krb5, initiator and acceptor in one process. Only the measured side's calls
 * are timed. KRB5CCNAME has the ticket, KRB5_KTNAME the service's key. */
#include "bench.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

static void check(const char *what, OM_uint32 major, OM_uint32 minor)
{
    if (!GSS_ERROR(major))
        return;
    OM_uint32 m, context = 0;
    gss_buffer_desc text;
    gss_display_status(&m, minor != 0 ? minor : major, minor != 0 ? GSS_C_MECH_CODE : GSS_C_GSS_CODE, GSS_C_NO_OID,
                       &context, &text);
    fail(what, text.value);
}

static gss_name_t import_name(const char *text)
{
    gss_buffer_desc buffer = {strlen(text), (void *) text};
    gss_name_t name;
    OM_uint32 minor, major = gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &name);
    check("name", major, minor);
    return name;
}

static const OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

static gss_OID_desc spnego = {6, "\x2b\x06\x01\x05\x05\x02"};

/* One context; the initiator's two calls are timed into the clock if there is one. */
static void establish(gss_name_t name, gss_OID mechanism, gss_ctx_id_t *initiator, gss_ctx_id_t *acceptor,
                      struct clock *clock)
{
    OM_uint32 minor, m;
    gss_buffer_desc first = GSS_C_EMPTY_BUFFER, answer = GSS_C_EMPTY_BUFFER, none = GSS_C_EMPTY_BUFFER;
    *initiator = GSS_C_NO_CONTEXT;
    *acceptor = GSS_C_NO_CONTEXT;
    uint64_t wall = wall_ns();
    OM_uint32 major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, initiator, name, mechanism, flags, 0,
                                           GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &first, NULL, NULL);
    if (clock != NULL)
        clock->wall += wall_ns() - wall;
    check("init", major, minor);
    major = gss_accept_sec_context(&minor, acceptor, GSS_C_NO_CREDENTIAL, &first, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
                                   &answer, NULL, NULL, NULL);
    check("accept", major, minor);
    wall = wall_ns();
    major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, initiator, name, mechanism, flags, 0,
                                 GSS_C_NO_CHANNEL_BINDINGS, &answer, NULL, &none, NULL, NULL);
    if (clock != NULL)
        clock->wall += wall_ns() - wall;
    check("init 2", major, minor);
    gss_release_buffer(&m, &first);
    gss_release_buffer(&m, &answer);
    gss_release_buffer(&m, &none);
}

static void wrap_loop(gss_ctx_id_t sender, gss_ctx_id_t receiver, long count, size_t bytes, int is_unwrap, struct clock *clock)
{
    OM_uint32 minor, major;
    char *octets = malloc(bytes);
    memset(octets, 'x', bytes);
    gss_buffer_desc message = {bytes, octets}, plain;
    if (!is_unwrap) {
        start_clock(clock);
        for (long i = 0; i < count; i++) {
            gss_buffer_desc token;
            major = gss_wrap(&minor, sender, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token);
            check("wrap", major, minor);
            gss_release_buffer(&minor, &token);
        }
        stop_clock(clock);
        free(octets);
        return;
    }
    /* Sealed beforehand, in batches that stay in memory. */
    long batch = bytes > 16384 ? 64 : 512;
    gss_buffer_desc *tokens = calloc((size_t) batch, sizeof *tokens);
    struct clock sum = {0, 0};
    for (long done = 0; done < count;) {
        long n = count - done < batch ? count - done : batch;
        for (long i = 0; i < n; i++)
            check("wrap", gss_wrap(&minor, sender, 1, GSS_C_QOP_DEFAULT, &message, NULL, &tokens[i]), minor);
        start_clock(clock);
        for (long i = 0; i < n; i++) {
            major = gss_unwrap(&minor, receiver, &tokens[i], &plain, NULL, NULL);
            check("unwrap", major, minor);
            gss_release_buffer(&minor, &plain);
        }
        stop_clock(clock);
        sum.wall += clock->wall;
        sum.cpu += clock->cpu;
        for (long i = 0; i < n; i++)
            gss_release_buffer(&minor, &tokens[i]);
        done += n;
    }
    *clock = sum;
    free(tokens);
    free(octets);
}

/* context TARGET; spnego TARGET; wrap TARGET BYTES; unwrap TARGET BYTES. TARGET as host@localhost. */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock)
{
    OM_uint32 minor;
    gss_ctx_id_t initiator, acceptor;
    if (argc < 1)
        fail(operation, "a target is needed");
    gss_name_t name = import_name(argv[0]);
    gss_OID krb5 = (gss_OID) gss_mech_krb5;
    if (strcmp(operation, "context") == 0 || strcmp(operation, "spnego") == 0) {
        gss_OID mechanism = strcmp(operation, "spnego") == 0 ? &spnego : krb5;
        struct clock sum = {0, 0};
        uint64_t cpu = cpu_ns();
        for (long i = 0; i < count; i++) {
            establish(name, mechanism, &initiator, &acceptor, &sum);
            gss_delete_sec_context(&minor, &initiator, NULL);
            gss_delete_sec_context(&minor, &acceptor, NULL);
        }
        (void) cpu;
        /* The CPU of two short calls cannot be told from the acceptor's: only the wall clock counts here. */
        clock->wall = sum.wall;
        clock->cpu = sum.wall;
    } else if (argc >= 2 && (strcmp(operation, "wrap") == 0 || strcmp(operation, "unwrap") == 0)) {
        establish(name, krb5, &initiator, &acceptor, NULL);
        wrap_loop(initiator, acceptor, count, (size_t) atol(argv[1]), strcmp(operation, "unwrap") == 0, clock);
        gss_delete_sec_context(&minor, &initiator, NULL);
        gss_delete_sec_context(&minor, &acceptor, NULL);
    } else {
        return 0;
    }
    gss_release_name(&minor, &name);
    return 1;
}
