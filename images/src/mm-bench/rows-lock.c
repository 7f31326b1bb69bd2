// SPDX-License-Identifier: Apache-2.0
// Memory that is locked and unlocked, and advice about a file that only memory holds.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

static enum outcome locking(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  bool unlocks = strncmp(row->subtest.name, "munlock", 7) == 0;
  for ROUNDS(round) {
    int failed;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory, "round %zu", round);
    if (unlocks) {
      CHECK(!mlock(memory, HUGE), "%s", strerror(errno));
      CHECK(field_kib("status", "VmLck") == (long)(HUGE / 1024), "%ld KiB are locked", field_kib("status", "VmLck"));
      MEASURE(&samples, failed = munlock(memory, HUGE));
    } else {
      MEASURE(&samples, failed = mlock(memory, HUGE));
    }
    CHECK(!failed, "%s", strerror(errno));
    long locked = field_kib("smaps_rollup", "Locked"), wanted = unlocks ? 0 : (long)(HUGE / 1024);
    CHECK(locked == wanted, "%ld KiB are locked instead of %ld KiB", locked, wanted);
    CHECK(is_made_of(memory, row->kind) && is_intact(memory), "round %zu", round);
    CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, row->kind == PMD_THP ? 1 : PAGES);
}

static enum outcome advising(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  for ROUNDS(round) {
    int failed, file = memfd_create("mm-bench", MFD_CLOEXEC);
    if (file < 0 && errno == ENOSYS) return skip("the kernel has no memfd_create");
    CHECK(file >= 0 && !ftruncate(file, HUGE), "%s", strerror(errno));
    uint8_t *memory = mmap(PLACE, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
    CHECK(memory == PLACE, "%s", strerror(errno));
    fill(memory);
    MEASURE(&samples, failed = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED));
    CHECK(!failed, "%s", strerror(failed));
    // There is nowhere else to keep it.
    CHECK(resident(memory) == PAGES && is_intact(memory), "%zu pages are left", resident(memory));
    CHECK(!munmap(memory, HUGE) && !close(file), "%s", strerror(errno));
  }
  return report(row, &samples, 1);
}

const struct row lock_rows[] = {
    {{"mlock-small", locking}, "lock", SMALL, 0},     {{"mlock-pmd-thp", locking}, "lock", PMD_THP, 0},
    {{"munlock-small", locking}, "lock", SMALL, 0},   {{"munlock-pmd-thp", locking}, "lock", PMD_THP, 0},
    {{"fadvise-tmpfs", advising}, "lock", SMALL, 0},
};
const size_t lock_count = sizeof lock_rows / sizeof *lock_rows;
