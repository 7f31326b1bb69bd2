// SPDX-License-Identifier: Apache-2.0
// The page cache of file systems on a RAM disk, and that what a device writes reaches the disk.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pingpong.h"

#define DISK "/dev/ram0"
#define PLACE "/mnt"

static enum outcome run_program(char *const arguments[]) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);  // standard output is for results
    execv(arguments[0], arguments);
    _exit(127);
  }
  TRY(child_passed(child));
  return PASS;
}

static enum outcome make(const char *type, char *const arguments[]) {
  CHECK(run_program(arguments) == PASS, "%s", arguments[0]);
  CHECK(!mount(DISK, PLACE, type, 0, NULL), "mount of %s: %s", type, strerror(errno));
  return PASS;
}

static enum outcome drive_file(const struct setup *setup, const char *type) {
  int file = open(PLACE "/shared", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK(file >= 0 && !ftruncate(file, (off_t)(setup->pages * PAGE)), "%s", strerror(errno));
  TRY(drive_shared(setup, file));
  int private = open(PLACE "/private", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK(private >= 0, "%s", strerror(errno));
  TRY(drive_private(setup, private));
  diagnose("%s: shared and private mapping", type);
  return PASS;
}

// Written by the device alone, into pages that were clean: only the page table's dirty bit can bring it to the disk.
static enum outcome write_through_device(const struct setup *setup, uint64_t seed) {
  int mirror = open_mirror(setup->unit), file = open(PLACE "/disk", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK(mirror >= 0 && file >= 0 && !ftruncate(file, (off_t)(setup->pages * PAGE)), "%s", strerror(errno));
  struct range range = {.pages = setup->pages};
  fill(buffer(range.pages), range, seed + 1);
  CHECK(pwrite(file, buffer(range.pages), range.pages * PAGE, 0) == (ssize_t)(range.pages * PAGE) && !fsync(file),
        "%s", strerror(errno));
  range.base = mmap(NULL, range.pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  CHECK(range.base != MAP_FAILED, "mmap: %s", strerror(errno));
  TRY(device_reads(mirror, range, seed + 1));
  TRY(device_writes(mirror, range, seed));
  return PASS;
}

static enum outcome disk_holds(const struct setup *setup, uint64_t seed) {
  int file = open(PLACE "/disk", O_RDONLY | O_CLOEXEC);
  struct range range = {.pages = setup->pages};
  CHECK(file >= 0, "%s", strerror(errno));
  CHECK(read(file, buffer(range.pages), range.pages * PAGE) == (ssize_t)(range.pages * PAGE), "%s", strerror(errno));
  close(file);
  CHECK(difference(buffer(range.pages), range, seed) < 0, "the disk has other data");
  return PASS;
}

static enum outcome drive(const struct setup *setup, const char *type, char *const arguments[]) {
  uint64_t seed = fresh_seed();
  TRY(make(type, arguments));
  // In a process of its own, with which all descriptors and mappings go that hold the mount.
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    enum outcome outcome = drive_file(setup, type);
    _exit((int)(outcome == PASS ? write_through_device(setup, seed) : outcome));
  }
  enum outcome outcome = child_passed(child);
  CHECK(!umount(PLACE), "umount: %s", strerror(errno));
  TRY(outcome);
  CHECK(!mount(DISK, PLACE, type, 0, NULL), "second mount: %s", strerror(errno));
  outcome = disk_holds(setup, seed);
  CHECK(!umount(PLACE), "umount: %s", strerror(errno));
  return outcome;
}

static enum outcome ext4(void *context) {
  char *const arguments[] = {"/sbin/mke2fs", "-q", "-F", "-t", "ext4", DISK, NULL};
  return drive(context, "ext4", arguments);
}

static enum outcome xfs(void *context) {
  char *const arguments[] = {"/sbin/mkfs.xfs", "-q", "-f", DISK, NULL};
  return drive(context, "xfs", arguments);
}

const struct subtest disk_subtests[] = {
    {"ext4-page-cache", ext4},
    {"xfs-page-cache", xfs},
    {0},
};
