// Linux calls that the Swift overlay of glibc leaves out: GNU extensions, variadic syscall(2), reboot(2).
#ifndef KTEST_CLINUX_SHIM_H
#define KTEST_CLINUX_SHIM_H

#include <sys/reboot.h>
#include <sys/syscall.h>

// <unistd.h> gives these only under _GNU_SOURCE, which is settled before this header is read; and a header with types,
// such as <fcntl.h> and its struct stat, would make this module the owner of the types.
extern int pipe2(int descriptors[2], int flags);
extern long syscall(long number, ...);

// finit_module(2)
static inline int ktest_finit_module(int descriptor, const char *parameters) {
  return (int)syscall(SYS_finit_module, descriptor, parameters, 0);
}

// pipe2(2)
static inline int ktest_pipe(int descriptors[2], int flags) { return pipe2(descriptors, flags); }

// copy_file_range(2) from and to where the two descriptors stand.
static inline long ktest_copy_file_range(int source, int target, unsigned long count) {
  return syscall(SYS_copy_file_range, source, (void *)0, target, (void *)0, count, 0);
}

// pidfd_open(2)
static inline int ktest_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

// memfd_create(2): MFD_CLOEXEC is 1.
static inline int ktest_anonymous_file(void) { return (int)syscall(SYS_memfd_create, "ktest", 1); }

// statfs(2): the type of the file system, which comes first in struct statfs; -1 if it is not known.
static inline long ktest_file_system_type(const char *path) {
  long information[64] = {-1};
  return syscall(SYS_statfs, path, information) == 0 ? information[0] : -1;
}

// syncfs(2)
static inline int ktest_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }

// posix_spawn(3): POSIX_SPAWN_SETSID, 0x80 since glibc 2.26.
static inline short ktest_spawn_new_session(void) { return 0x80; }

// random(4): RNDADDENTROPY, with eight bits of entropy for each byte; at most 256 bytes.
static inline int ktest_add_entropy(int descriptor, const unsigned char *bytes, int count) {
  struct {
    int bits, size;
    unsigned char bytes[256];
  } pool;
  if (count < 0 || count > (int)sizeof(pool.bytes)) return -1;
  pool.bits = count * 8;
  pool.size = count;
  for (int i = 0; i < count; i++) pool.bytes[i] = bytes[i];
  return (int)syscall(SYS_ioctl, descriptor, 0x40085203, &pool);
}

// random(4): RNDRESEEDCRNG
static inline int ktest_reseed(int descriptor) { return (int)syscall(SYS_ioctl, descriptor, 0x5207, 0); }

// reboot(2)
static inline int ktest_power_off(void) { return reboot(RB_POWER_OFF); }
static inline int ktest_reset(void) { return reboot(RB_AUTOBOOT); }

#endif
