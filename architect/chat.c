/* chat.c - a question to an OpenAI-compatible server (POST URL/chat/completions), by libcurl. A reply is bounded in
 * size and time, follows no redirection, and is looked at for one text and nothing else. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "architect/architect.h"

#ifndef PX_HAVE_CURL
bool arch_ask(const arch_chat *chat, const cJSON *messages, char **reply, px_error *error)
{
    (void)chat, (void)messages, (void)reply;
    return px_fail(error, PX_E_ABSENT,
                   "px was built without libcurl; on Debian: apt install libcurl4-openssl-dev, and "
                   "build again");
}
#else
#include <curl/curl.h>

enum { MOST_REPLY = 1 << 22 };

typedef struct received {
    char *text;
    size_t size;
    bool too_long, no_memory;
} received;

static size_t take(const char *data, size_t one, size_t count, void *context)
{
    received *r = context;
    const size_t size = one * count;
    r->too_long = size > MOST_REPLY - r->size;
    char *more = r->too_long ? NULL : realloc(r->text, r->size + size + 1);
    r->no_memory = !r->too_long && more == NULL;
    if (more == NULL)
        return 0;
    r->text = more;
    memcpy(r->text + r->size, data, size);
    r->size += size;
    r->text[r->size] = '\0';
    return size;
}

static char *question(const arch_chat *chat, const cJSON *messages)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "model", chat->model != NULL ? chat->model : "default");
    cJSON_AddItemToObject(root, "messages", cJSON_Duplicate(messages, true));
    cJSON_AddNumberToObject(root, "temperature", chat->temperature);
    cJSON_AddNumberToObject(root, "seed", (double)chat->seed);
    cJSON_AddBoolToObject(root, "stream", false);
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

/* choices[0].message.content */
static bool text_of(const arch_chat *chat, const received *r, char **reply, px_error *error)
{
    cJSON *root = r->text != NULL && strlen(r->text) == r->size ? cJSON_Parse(r->text) : NULL;
    const cJSON *choice = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(root, "choices"), 0);
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(choice, "message");
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(message, "content");
    const bool there = cJSON_IsString(content);
    *reply = there ? strdup(content->valuestring) : NULL;
    const bool json = root != NULL;
    cJSON_Delete(root);
    if (!there)
        return px_fail(error, PX_E_INPUT, "%s: its reply %s", chat->url,
                       json ? "has no text at choices[0].message.content" : "is no JSON");
    return *reply != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the reply of %s", chat->url);
}

/* The reason that a server gives: error.message, or error itself where that is a text. */
static bool refused(const arch_chat *chat, const received *r, long status, px_error *error)
{
    char reason[300] = "";
    cJSON *root = r->text != NULL ? cJSON_ParseWithLength(r->text, r->size) : NULL;
    const cJSON *what = cJSON_GetObjectItemCaseSensitive(root, "error");
    const cJSON *message = cJSON_IsString(what) ? what : cJSON_GetObjectItemCaseSensitive(what, "message");
    if (cJSON_IsString(message))
        snprintf(reason, sizeof reason, ": %s", message->valuestring);
    cJSON_Delete(root);
    for (char *c = reason; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = ' '; /* it is for a terminal */
    return px_fail(error, PX_E_INPUT, "%s: it answers with HTTP status %ld%s", chat->url, status, reason);
}

static struct curl_slist *headers_of(const arch_chat *chat)
{
    char line[1200];
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    if (chat->key != NULL && snprintf(line, sizeof line, "Authorization: Bearer %s", chat->key) < (int)sizeof line)
        list = curl_slist_append(list, line);
    return list;
}

static bool post(const arch_chat *chat, CURL *curl, const char *body, received *r, px_error *error)
{
    char url[1200], why[CURL_ERROR_SIZE] = "";
    long status = 0;
    if (snprintf(url, sizeof url, "%s/chat/completions", chat->url) >= (int)sizeof url)
        return px_fail(error, PX_E_USAGE, "the URL is too long");
    struct curl_slist *headers = headers_of(chat);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, chat->timeout);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    const CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    if (r->too_long)
        return px_fail(error, PX_E_INPUT, "%s: its reply is longer than %d bytes", chat->url, MOST_REPLY);
    if (r->no_memory)
        return px_fail(error, PX_E_SYSTEM, "no memory for the reply of %s", chat->url);
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return px_fail(error, PX_E_USAGE, "--url is '%s': %s", chat->url, *why != '\0' ? why : curl_easy_strerror(code));
    if (code != CURLE_OK)
        return px_fail(error, PX_E_SYSTEM, "%s: %s", chat->url, *why != '\0' ? why : curl_easy_strerror(code));
    return status == 200 || refused(chat, r, status, error);
}

bool arch_ask(const arch_chat *chat, const cJSON *messages, char **reply, px_error *error)
{
    received r = {0};
    char *body = question(chat, messages);
    CURL *curl = curl_easy_init();
    bool ok = body != NULL && curl != NULL;
    ok = ok ? post(chat, curl, body, &r, error) && text_of(chat, &r, reply, error)
            : px_fail(error, PX_E_SYSTEM, "no memory for a question to %s", chat->url);
    curl_easy_cleanup(curl);
    free(body);
    free(r.text);
    return ok;
}
#endif
