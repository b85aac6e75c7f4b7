#pragma once
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

/* curl_easy_setopt and its kin are variadic, which Swift does not import: one function for each type of argument. */

typedef size_t (*acs_curl_data_callback)(char *, size_t, size_t, void *);
typedef int (*acs_curl_seek_callback)(void *, curl_off_t, int);
typedef int (*acs_curl_progress_callback)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
typedef curl_socket_t (*acs_curl_socket_callback)(void *, curlsocktype, struct curl_sockaddr *);

static inline CURLcode acs_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode acs_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode acs_curl_set_size(CURL *handle, CURLoption option, long long value) {
  return curl_easy_setopt(handle, option, (curl_off_t)value);
}

static inline CURLcode acs_curl_set_bytes(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode acs_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode acs_curl_set_data_callback(
    CURL *handle, CURLoption function, acs_curl_data_callback callback, CURLoption data, void *context) {
  CURLcode code = curl_easy_setopt(handle, function, callback);
  return code ? code : curl_easy_setopt(handle, data, context);
}

static inline CURLcode acs_curl_set_seek_callback(CURL *handle, acs_curl_seek_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, callback);
  return code ? code : curl_easy_setopt(handle, CURLOPT_SEEKDATA, context);
}

static inline CURLcode acs_curl_set_progress_callback(
    CURL *handle, acs_curl_progress_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
  return code ? code : curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
}

static inline CURLcode acs_curl_set_socket_callback(CURL *handle, acs_curl_socket_callback callback, void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
  return code ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}

static inline CURLcode acs_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode acs_curl_get_text(CURL *handle, CURLINFO info, const char **value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode acs_curl_get_socket(CURL *handle, curl_socket_t *value) {
  return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

static inline CURLMcode acs_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLcode acs_curl_message_result(const CURLMsg *message) { return message->data.result; }

static inline CURLcode acs_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/* The address has addrlen bytes, more than the declared type of the member. */
static inline const void *acs_curl_address(const struct curl_sockaddr *address) { return &address->addr; }

static const long acs_curl_auth_basic = (long)CURLAUTH_BASIC;
static const long acs_curl_auth_digest = (long)CURLAUTH_DIGEST;
static const curl_socket_t acs_curl_no_socket = CURL_SOCKET_BAD;
