// What Swift cannot import of libstrophe: flags with shifts, and the event that wakes its loop.
#include <strophe.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static inline long acs_strophe_flags(int requires_tls) {
  return (long)(XMPP_CONN_FLAG_DISABLE_SM |
                (requires_tls ? XMPP_CONN_FLAG_MANDATORY_TLS : XMPP_CONN_FLAG_DISABLE_TLS));
}

static inline int acs_strophe_make_event(void) {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void acs_strophe_raise_event(int event) {
  uint64_t one = 1;
  ssize_t written = write(event, &one, sizeof one);
  (void)written;
}

static inline void acs_strophe_clear_event(int event) {
  uint64_t count;
  ssize_t taken = read(event, &count, sizeof count);
  (void)taken;
}

static inline void acs_strophe_keep_from_children(int descriptor) {
  (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}
