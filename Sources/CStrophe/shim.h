// What Swift cannot import of libstrophe: flags with shifts, and the event that wakes its loop.
#include <strophe.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/select.h>
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

// libstrophe waits with select(), which ends the process for a descriptor of FD_SETSIZE or more.
static inline int acs_strophe_bears(int descriptor) { return descriptor < FD_SETSIZE; }

// A descriptor that libstrophe bears and that means nothing; -1 where there is none left.
static inline int acs_strophe_reserve(void) {
  int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (descriptor >= FD_SETSIZE) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

// Puts a descriptor in the place of a reserved one, at once, so that no other thread can take that in between, and no child gets it.
static inline int acs_strophe_move(int descriptor, int reserved) {
  if (dup3(descriptor, reserved, O_CLOEXEC) < 0) return -1;
  close(descriptor);
  return reserved;
}

static inline void acs_strophe_keep_from_children(int descriptor) {
  (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}
