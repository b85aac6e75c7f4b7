#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros in OpenSSL.
static inline int fairlead_general_names_count(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}
static inline const GENERAL_NAME *fairlead_general_name(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}
static inline STACK_OF(X509) *fairlead_certificates_new(void) { return sk_X509_new_null(); }
static inline int fairlead_certificates_push(STACK_OF(X509) *certificates, X509 *certificate) {
  return sk_X509_push(certificates, certificate);
}
static inline void fairlead_certificates_free(STACK_OF(X509) *certificates) {
  sk_X509_free(certificates);
}
