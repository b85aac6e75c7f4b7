#pragma once
#include <libpq-fe.h>
#include <sys/file.h>
#include <sys/prctl.h>

/* prctl takes variable arguments, which Swift can't call. */
static inline void fairlead_name_thread(const char *name) {
  prctl(PR_SET_NAME, (unsigned long)name, 0UL, 0UL, 0UL);
}

/* flock is the name of a function and of a struct, of which Swift sees the struct. */
static inline int fairlead_try_lock(int descriptor) {
  return flock(descriptor, LOCK_EX | LOCK_NB);
}

#include <spawn.h>

/* glibc has these under _GNU_SOURCE only. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int fairlead_spawn_closes_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
static inline int fairlead_spawn_in_directory(
    posix_spawn_file_actions_t *actions, const char *directory) {
  return posix_spawn_file_actions_addchdir_np(actions, directory);
}
static const short fairlead_spawn_new_session = 0x80; /* POSIX_SPAWN_SETSID */
