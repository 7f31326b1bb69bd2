// SPDX-License-Identifier: Apache-2.0
// Shared memory and page cache: the device works on them where they are; nothing of them moves.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pingpong.h"

// Another process sees the same bytes.
static enum outcome another_process_sees(struct range range, uint64_t seed) {
  pid_t child = fork();
  if (child == 0) _exit((int)cpu_reads(range, seed));
  return child_passed(child);
}

enum outcome drive_shared(const struct setup *setup, int file) {
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = {.pages = setup->pages};
  int flags = MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0);
  range.base = mmap(NULL, range.pages * PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
  CHECK(range.base != MAP_FAILED, "mmap: %s", strerror(errno));
  for (unsigned round = 0; round < setup->rounds; round++) {
    uint64_t seed = fresh_seed();
    fill(range.base, range, seed);
    TRY(stays(mirror, range));
    TRY(cpu_reads(range, seed));
    TRY(device_reads(mirror, range, seed));
    TRY(device_writes(mirror, range, seed + 1));
    TRY(stays(mirror, range));
    TRY(to_system(mirror, range, 0));
    TRY(cpu_reads(range, seed + 1));
    TRY(another_process_sees(range, seed + 1));
    if (file < 0) continue;
    CHECK(pread(file, buffer(range.pages), range.pages * PAGE, 0) == (ssize_t)(range.pages * PAGE), "%s",
          strerror(errno));
    CHECK(difference(buffer(range.pages), range, seed + 1) < 0, "read() sees other data");
  }
  return PASS;
}

static enum outcome file_holds(int file, struct range range, uint64_t seed) {
  CHECK(pread(file, buffer(range.pages), range.pages * PAGE, 0) == (ssize_t)(range.pages * PAGE), "%s",
        strerror(errno));
  CHECK(difference(buffer(range.pages), range, seed) < 0, "what was private is in the file");
  return PASS;
}

enum outcome drive_private(const struct setup *setup, int file) {
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = {.pages = setup->pages};
  uint64_t seed = fresh_seed();
  fill(buffer(range.pages), range, seed);
  CHECK(pwrite(file, buffer(range.pages), range.pages * PAGE, 0) == (ssize_t)(range.pages * PAGE), "%s",
        strerror(errno));
  range.base = mmap(NULL, range.pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  CHECK(range.base != MAP_FAILED, "mmap: %s", strerror(errno));
  TRY(cpu_reads(range, seed));
  TRY(stays(mirror, range));
  struct range written = slice(range, 0, range.pages / 2), unwritten = slice(range, range.pages / 2, range.pages / 2);
  fill(written.base, written, seed + 1);
  TRY(to_device(mirror, written, seed + 1));
  TRY(stays(mirror, unwritten));
  TRY(lies(mirror, written, here(setup) | WRITABLE));
  TRY(lies(mirror, unwritten, SYSTEM | READABLE));
  TRY(file_holds(file, range, seed));
  // What the device writes becomes a copy as well, which then moves.
  TRY(device_writes(mirror, unwritten, seed + 2));
  TRY(to_device(mirror, unwritten, seed + 2));
  TRY(file_holds(file, range, seed));
  TRY(to_system(mirror, range, range.pages));
  TRY(cpu_reads(written, seed + 1));
  TRY(cpu_reads(unwritten, seed + 2));
  return file_holds(file, range, seed);
}

static enum outcome anonymous(void *context) { return drive_shared(context, -1); }

static enum outcome on_tmpfs(void *context, enum outcome (*drive)(const struct setup *, int)) {
  struct setup *setup = context;
  int file = memfd_create("hmm-pingpong", MFD_CLOEXEC);
  CHECK(file >= 0 && !ftruncate(file, (off_t)(setup->pages * PAGE)), "%s", strerror(errno));
  return drive(setup, file);
}

static enum outcome tmpfs_shared(void *context) { return on_tmpfs(context, drive_shared); }
static enum outcome tmpfs_private(void *context) { return on_tmpfs(context, drive_private); }

const struct subtest shared_subtests[] = {
    {"shared-anonymous", anonymous},
    {"tmpfs-shared", tmpfs_shared},
    {"tmpfs-private", tmpfs_private},
    {0},
};
