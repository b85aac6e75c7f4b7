// What Swift cannot import for libmosquitto's own loop to be replaced: that one waits with select(), which takes no descriptor of
// 1,024 or more, and it needs a thread for each connection.
#pragma once
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int acs_mosquitto_make_event(void) {
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void acs_mosquitto_raise_event(int event) {
  uint64_t one = 1;
  ssize_t written = write(event, &one, sizeof one);
  (void)written;
}

static inline void acs_mosquitto_clear_event(int event) {
  uint64_t count;
  ssize_t taken = read(event, &count, sizeof count);
  (void)taken;
}

static inline int acs_mosquitto_make_poller(void) { return epoll_create1(EPOLL_CLOEXEC); }

// Watches a descriptor, or changes what is watched for.
static inline int acs_mosquitto_watch(int poller, int descriptor, uint64_t token, int reads, int writes, int is_new) {
  struct epoll_event event = {0};
  event.events = (reads ? EPOLLIN | EPOLLRDHUP : 0u) | (writes ? EPOLLOUT : 0u);
  event.data.u64 = token;
  // libmosquitto would leave it to children.
  if (is_new) (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return epoll_ctl(poller, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

typedef struct {
  uint64_t token;
  int is_readable;
  int is_writable;
  int has_failed;
  // The other side sends no more; what it has sent may still be there.
  int has_hung_up;
} acs_mosquitto_readiness;

// Returns how many there are, at most 64.
static inline int acs_mosquitto_wait(int poller, acs_mosquitto_readiness *ready, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(poller, events, 64, milliseconds);
  for (int index = 0; index < count; index++) {
    ready[index].token = events[index].data.u64;
    ready[index].is_readable = (events[index].events & EPOLLIN) != 0;
    ready[index].is_writable = (events[index].events & EPOLLOUT) != 0;
    ready[index].has_failed = (events[index].events & (EPOLLERR | EPOLLHUP)) != 0;
    ready[index].has_hung_up = (events[index].events & (EPOLLRDHUP | EPOLLHUP)) != 0;
  }
  return count;
}

// Acknowledges at once what was read. A broker that collects small packets (Nagle) would wait some 40 ms for that before it sends
// the next; the kernel forgets the wish after a while.
static inline void acs_mosquitto_acknowledge(int descriptor) {
  int one = 1;
  (void)setsockopt(descriptor, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

// Whether TLS has read more from the socket than it has given away, which no descriptor tells.
static inline int acs_mosquitto_has_pending(struct mosquitto *client) {
  SSL *tls = (SSL *)mosquitto_ssl_get(client);
  return tls != 0 && SSL_pending(tls) > 0;
}

// Keeps OpenSSL from asking for a passphrase on the terminal.
static inline int acs_mosquitto_no_passphrase(char *buffer, int size, int is_writing, void *context) {
  (void)size, (void)is_writing, (void)context;
  buffer[0] = 0;
  return 0;
}
