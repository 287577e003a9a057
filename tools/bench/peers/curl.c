/* The peer of the HTTP workload: libcurl with HTTP Negotiate, one handle for all requests. KRB5CCNAME has the ticket. */
#include "bench.h"

#include <curl/curl.h>

static size_t discard(char *octets, size_t size, size_t count, void *context)
{
    (void) octets;
    (void) context;
    return size * count;
}

/* get URL */
int perform(const char *operation, long count, int argc, char **argv, struct clock *clock)
{
    static CURL *handle = NULL;
    if (strcmp(operation, "get") != 0 || argc < 1)
        return 0;
    if (handle == NULL) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        handle = curl_easy_init();
        curl_easy_setopt(handle, CURLOPT_HTTPAUTH, (long) CURLAUTH_NEGOTIATE);
        curl_easy_setopt(handle, CURLOPT_USERPWD, ":");
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, discard);
    }
    curl_easy_setopt(handle, CURLOPT_URL, argv[0]);
    start_clock(clock);
    for (long i = 0; i < count; i++) {
        long status = 0;
        CURLcode code = curl_easy_perform(handle);
        if (code != CURLE_OK)
            fail("get", curl_easy_strerror(code));
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200)
            fail("get", "the server did not let it in");
    }
    stop_clock(clock);
    return 1;
}
