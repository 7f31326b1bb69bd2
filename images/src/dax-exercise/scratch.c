// SPDX-License-Identifier: Apache-2.0
// A small ext4 on a RAM disk. tmpfs will not do: since Linux 6.6 it accepts O_DIRECT, but it copies through the page
// cache and never pins the caller's pages, so that a test of get_user_pages_fast() on it proves nothing.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exercise.h"

#define DISK "/dev/ram0"

bool mount_scratch(char *reason, size_t size) {
  char *arguments[] = {"mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-O", "^has_journal", DISK, NULL};
  if (access(DISK, R_OK | W_OK)) {
    snprintf(reason, size, "no RAM disk for a scratch file (" DISK ": %s; module brd)", strerror(errno));
    return false;
  }
  if (!run_program(arguments)) {
    snprintf(reason, size, "mke2fs made no file system on " DISK);
    return false;
  }
  mkdir(SCRATCH, 0700);
  if (mount(DISK, SCRATCH, "ext4", 0, NULL)) {
    snprintf(reason, size, "ext4 on " DISK " cannot be mounted: %s", strerror(errno));
    return false;
  }
  return true;
}

void unmount_scratch(void) {
  // Detached: the subtest's own descriptors are open until its process ends, which is soon.
  if (!umount2(SCRATCH, MNT_DETACH)) rmdir(SCRATCH);
}
