/* The peer of the SASL workload: Cyrus SASL with GSSAPI, client and server in one process. KRB5CCNAME has the ticket,
 * KRB5_KTNAME the service's key, SASL_PATH the plug-ins. */
#include "bench.h"

#include <sasl/sasl.h>

static int get_path(void *context, const char **path)
{
    (void) context;
    *path = getenv("SASL_PATH");
    return SASL_OK;
}

static int get_name(void *context, int id, const char **name, unsigned *length)
{
    (void) context;
    (void) id;
    *name = "robot";
    if (length != NULL)
        *length = 5;
    return SASL_OK;
}

static int be_quiet(void *context, int level, const char *message)
{
    (void) context;
    (void) level;
    (void) message;
    return SASL_OK;
}

typedef int (*callback)(void);

static sasl_callback_t callbacks[] = {
    {SASL_CB_GETPATH, (callback) (void *) get_path, NULL},
    {SASL_CB_LOG, (callback) (void *) be_quiet, NULL},
    {SASL_CB_USER, (callback) (void *) get_name, NULL},
    {SASL_CB_AUTHNAME, (callback) (void *) get_name, NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

static void check(const char *what, int code, sasl_conn_t *connection)
{
    if (code != SASL_OK && code != SASL_CONTINUE)
        fail(what, connection == NULL ? sasl_errstring(code, NULL, NULL) : sasl_errdetail(connection));
}

static void negotiate(sasl_conn_t **client, sasl_conn_t **server)
{
    static int is_ready = 0;
    if (!is_ready) {
        check("client", sasl_client_init(callbacks), NULL);
        check("server", sasl_server_init(callbacks, "bench"), NULL);
        is_ready = 1;
    }
    sasl_security_properties_t layer = {.min_ssf = 56, .max_ssf = 256, .maxbufsize = 65536};
    check("client", sasl_client_new("host", "localhost", NULL, NULL, NULL, 0, client), NULL);
    check("server", sasl_server_new("host", "localhost", NULL, NULL, NULL, NULL, 0, server), NULL);
    check("client", sasl_setprop(*client, SASL_SEC_PROPS, &layer), *client);
    check("server", sasl_setprop(*server, SASL_SEC_PROPS, &layer), *server);
    const char *response = NULL, *challenge = NULL, *mechanism = NULL;
    unsigned length = 0, challenge_length = 0;
    check("client", sasl_client_start(*client, "GSSAPI", NULL, &response, &length, &mechanism), *client);
    int code = sasl_server_start(*server, mechanism, response, length, &challenge, &challenge_length);
    for (;;) {
        check("server", code, *server);
        if (code == SASL_OK)
            return;
        check("client", sasl_client_step(*client, challenge, challenge_length, NULL, &response, &length), *client);
        code = sasl_server_step(*server, response, length, &challenge, &challenge_length);
    }
}

struct frame {
    char *octets;
    unsigned length;
};

/* encode BYTES; decode BYTES */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock)
{
    int is_decode = strcmp(operation, "decode") == 0;
    if (argc < 1 || (!is_decode && strcmp(operation, "encode") != 0))
        return 0;
    sasl_conn_t *client = NULL, *server = NULL;
    negotiate(&client, &server);
    unsigned bytes = (unsigned) atol(argv[0]);
    char *message = malloc(bytes);
    memset(message, 'x', bytes);
    const char *out;
    unsigned length;
    struct clock sum = {0, 0};
    if (!is_decode) {
        start_clock(&sum);
        for (long i = 0; i < count; i++)
            check("encode", sasl_encode(client, message, bytes, &out, &length), client);
        stop_clock(&sum);
    }
    /* Made beforehand, in batches that stay in memory. */
    long batch = bytes > 16384 ? 64 : 512;
    struct frame *frames = calloc((size_t) batch, sizeof *frames);
    for (long done = 0; is_decode && done < count;) {
        long n = count - done < batch ? count - done : batch;
        for (long i = 0; i < n; i++) {
            check("encode", sasl_encode(client, message, bytes, &out, &length), client);
            frames[i].octets = malloc(length);
            memcpy(frames[i].octets, out, length);
            frames[i].length = length;
        }
        start_clock(clock);
        for (long i = 0; i < n; i++)
            check("decode", sasl_decode(server, frames[i].octets, frames[i].length, &out, &length), server);
        stop_clock(clock);
        sum.wall += clock->wall;
        sum.cpu += clock->cpu;
        for (long i = 0; i < n; i++)
            free(frames[i].octets);
        done += n;
    }
    *clock = sum;
    free(frames);
    free(message);
    sasl_dispose(&client);
    sasl_dispose(&server);
    return 1;
}
