// SPDX-License-Identifier: Apache-2.0
// O_DIRECT between a file and the mapping. The kernel pins the pages of the mapping with get_user_pages_fast():
// a warm mapping (already in the page table) is pinned without taking the mmap lock, a cold one has to be faulted in.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

enum { SPAN = 16 * PAGE };

// SPAN bytes across the border of two units, so that one transfer walks two page table entries.
static uint8_t *map_span(const struct device *device) {
  uint64_t length = 2 * device->align < 2 * SPAN ? 2 * SPAN : 2 * device->align;
  uint8_t *memory = map_device(device, 0, length);
  return memory ? memory + length / 2 - SPAN / 2 : NULL;
}

static int open_file(int flags) { return open(SCRATCH "/file", O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600); }

// Pages pinned since boot, or 0 where the kernel does not count them. Direct I/O pins since Linux 6.x (6.5 for files);
// older ones only take references, which are not counted.
static uint64_t pinned_pages(void) {
  write_text("/proc/sys/vm/stat_refresh", "1");
  FILE *lines = fopen("/proc/vmstat", "r");
  char line[128];
  uint64_t pinned = 0;
  while (lines && fgets(line, sizeof line, lines))
    if (sscanf(line, "nr_foll_pin_acquired %" SCNu64, &pinned) == 1) break;
  if (lines) fclose(lines);
  return pinned;
}

static enum outcome compare_file(uint64_t seed) {
  uint8_t *buffer = aligned_alloc(PAGE, SPAN);
  int file = open_file(O_DIRECT);
  CHECK(file >= 0 && pread(file, buffer, SPAN, 0) == SPAN, "reading the file back: %s", strerror(errno));
  ssize_t wrong = difference(buffer, SPAN, seed);
  CHECK(wrong < 0, "the file differs at %zd", wrong);
  return PASS;
}

static enum outcome with_scratch(struct device *device, enum outcome (*body)(struct device *)) {
  char reason[160];
  if (!mount_scratch(reason, sizeof reason)) return skip("%s", reason);
  enum outcome outcome = body(device);
  unmount_scratch();
  return outcome;
}

static enum outcome write_warm_body(struct device *device) {
  uint64_t seed = fresh_seed();
  uint8_t *ordinary = aligned_alloc(PAGE, SPAN), *span = map_span(device);
  CHECK(span && ordinary, "memory");
  fill(ordinary, SPAN, seed + 1);
  fill(span, SPAN, seed);
  int file = open_file(O_DIRECT);
  CHECK(file >= 0, "O_DIRECT: %s", strerror(errno));
  // The control: on a file system that copies instead of pinning, no page is pinned for ordinary memory either.
  uint64_t before = pinned_pages();
  CHECK(pwrite(file, ordinary, SPAN, 0) == SPAN, "ordinary memory: %s", strerror(errno));
  uint64_t control = pinned_pages() - before;
  before = pinned_pages();
  CHECK(pwrite(file, span, SPAN, 0) == SPAN, "pwrite: %s", strerror(errno));
  uint64_t pinned = pinned_pages() - before;
  diagnose("pages pinned: %" PRIu64 " of the mapping, %" PRIu64 " of ordinary memory", pinned, control);
  CHECK(control == 0 || pinned >= SPAN / PAGE, "%" PRIu64 " pages pinned", pinned);
  return compare_file(seed);
}

static enum outcome write_cold_body(struct device *device) {
  uint64_t seed = fresh_seed();
  uint8_t *warm = map_span(device), *cold = map_span(device);
  CHECK(warm && cold, "memory");
  fill(warm, SPAN, seed);
  int file = open_file(O_DIRECT);
  CHECK(file >= 0, "O_DIRECT: %s", strerror(errno));
  CHECK(pwrite(file, cold, SPAN, 0) == SPAN, "pwrite: %s", strerror(errno));
  return compare_file(seed);
}

static enum outcome read_into(struct device *device, bool warm) {
  uint64_t seed = fresh_seed();
  uint8_t *ordinary = aligned_alloc(PAGE, SPAN), *span = map_span(device), *witness = map_span(device);
  CHECK(span && witness && ordinary, "memory");
  fill(witness, SPAN, seed + 1);
  if (warm) fill(span, SPAN, seed + 1);
  fill(ordinary, SPAN, seed);
  int file = open_file(O_DIRECT);
  CHECK(file >= 0, "O_DIRECT: %s", strerror(errno));
  CHECK(pwrite(file, ordinary, SPAN, 0) == SPAN, "writing the file: %s", strerror(errno));
  CHECK(pread(file, span, SPAN, 0) == SPAN, "pread: %s", strerror(errno));
  ssize_t wrong = difference(span, SPAN, seed);
  CHECK(wrong < 0, "the mapping differs at %zd", wrong);
  wrong = difference(witness, SPAN, seed);
  CHECK(wrong < 0, "a second mapping differs at %zd", wrong);
  return PASS;
}

static enum outcome read_warm_body(struct device *device) { return read_into(device, true); }
static enum outcome read_cold_body(struct device *device) { return read_into(device, false); }

static enum outcome write_warm(void *context) { return with_scratch(context, write_warm_body); }
static enum outcome write_cold(void *context) { return with_scratch(context, write_cold_body); }
static enum outcome read_warm(void *context) { return with_scratch(context, read_warm_body); }
static enum outcome read_cold(void *context) { return with_scratch(context, read_cold_body); }

const struct subtest io_subtests[] = {
    {"odirect-write-warm", write_warm},
    {"odirect-write-cold", write_cold},
    {"odirect-read-warm", read_warm},
    {"odirect-read-cold", read_cold},
    {0},
};
