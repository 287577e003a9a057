/* The peer of the PostgreSQL workloads: libpq with GSSAPI encryption. KRB5CCNAME has the ticket. Its functions are declared here, since no
 * headers of it are fetched ("libpq - C Library" in PostgreSQL's documentation). */
#include "bench.h"

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
extern PGconn *PQconnectdb(const char *settings);
extern int PQstatus(const PGconn *connection);
extern char *PQerrorMessage(const PGconn *connection);
extern int PQgssEncInUse(PGconn *connection);
extern PGresult *PQexec(PGconn *connection, const char *query);
extern int PQresultStatus(const PGresult *result);
extern int PQgetlength(const PGresult *result, int row, int field);
extern void PQclear(PGresult *result);
extern void PQfinish(PGconn *connection);
enum { CONNECTION_OK = 0, PGRES_TUPLES_OK = 2 };

static PGconn *log_in(const char *port, const char *user, int is_encrypted)
{
    char settings[256];
    snprintf(settings, sizeof settings, "host=localhost port=%s user=%s dbname=%s gssencmode=%s sslmode=disable", port, user, user,
             is_encrypted ? "require" : "disable");
    PGconn *connection = PQconnectdb(settings);
    if (PQstatus(connection) != CONNECTION_OK || PQgssEncInUse(connection) != is_encrypted)
        fail("login", PQerrorMessage(connection));
    return connection;
}

static int length_of(PGconn *connection, const char *query)
{
    PGresult *result = PQexec(connection, query);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail("query", PQerrorMessage(connection));
    int length = PQgetlength(result, 0, 0);
    PQclear(result);
    return length;
}

/* login PORT USER; trust PORT USER, without Kerberos; row PORT USER OCTETS */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock)
{
    static PGconn *kept = NULL;
    if (argc < 2)
        return 0;
    int is_encrypted = strcmp(operation, "trust") != 0;
    if (strcmp(operation, "login") == 0 || !is_encrypted) {
        start_clock(clock);
        for (long i = 0; i < count; i++) {
            PGconn *connection = log_in(argv[0], argv[1], is_encrypted);
            length_of(connection, "select 1");
            PQfinish(connection);
        }
    } else if (strcmp(operation, "row") == 0 && argc == 3) {
        char query[64];
        if (kept == NULL)
            kept = log_in(argv[0], argv[1], is_encrypted);
        snprintf(query, sizeof query, "select repeat('x', %s)", argv[2]);
        start_clock(clock);
        for (long i = 0; i < count; i++)
            if (length_of(kept, query) != atoi(argv[2]))
                fail("row", "it is cut");
    } else
        return 0;
    stop_clock(clock);
    return 1;
}
