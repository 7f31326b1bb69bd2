// SPDX-License-Identifier: Apache-2.0
// Transparent huge pages that stay whole on the device. The driver of 6.19 and later takes them, for private memory.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pingpong.h"

static enum outcome open_for_huge_pages(const struct setup *setup, int *mirror) {
  *mirror = open_mirror(setup->unit);
  CHECK(*mirror >= 0, "no device");
  if (takes_huge_pages(setup, *mirror)) return PASS;
  return skip(setup->coherent ? "the driver splits huge pages for coherent memory"
                              : "the driver of this kernel splits huge pages");
}

// A huge page on the device that holds what the device wrote: what was in system memory before is no answer.
static enum outcome on_device(const struct setup *setup, int *mirror, struct range *range, uint64_t seed) {
  TRY(open_for_huge_pages(setup, mirror));
  TRY(fresh_huge_page(*mirror, range, seed - 1));
  TRY(to_device(*mirror, *range, seed - 1));
  TRY(device_writes(*mirror, *range, seed));
  return is_whole(*mirror, *range, here(setup) | WRITABLE);
}

// The driver counts a huge page that comes back as one page, or as 512; where it is tells.
static enum outcome comes_back(int mirror, struct range range) {
  struct answer answer = ask(mirror, TO_SYSTEM, range, NULL);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  return lies(mirror, range, SYSTEM | WRITABLE);
}

static enum outcome driven(void *context) {
  struct setup *setup = context;
  int mirror;
  TRY(open_for_huge_pages(setup, &mirror));
  double *there = calloc(setup->rounds, sizeof *there), *back = calloc(setup->rounds, sizeof *back);
  for (unsigned round = 0; round < setup->rounds; round++) {
    struct range range;
    uint64_t seed = fresh_seed();
    TRY(fresh_huge_page(mirror, &range, seed));
    uint8_t *copy = buffer(range.pages);
    double start = microseconds();
    struct answer moved = ask(mirror, TO_DEVICE, range, copy);
    there[round] = (microseconds() - start) / HUGE_PAGES;
    CHECK(moved.error == 0 && moved.pages == range.pages, "%s, %llu pages", strerror(moved.error),
          (unsigned long long)moved.pages);
    CHECK(difference(copy, range, seed) < 0, "the device sees other data");
    TRY(is_whole(mirror, range, here(setup) | WRITABLE));
    TRY(device_writes(mirror, range, ++seed));
    start = microseconds();
    TRY(comes_back(mirror, range));
    back[round] = (microseconds() - start) / HUGE_PAGES;
    TRY(is_whole(mirror, range, SYSTEM | WRITABLE));
    TRY(cpu_reads(range, seed));
    TRY(to_device(mirror, range, seed));
    TRY(is_whole(mirror, range, here(setup) | WRITABLE));
    munmap(range.base, HUGE_BYTES);  // freed while it is on the device
  }
  metric("whole-to-device-page", median(there, setup->rounds), "us", "lower");
  metric("whole-to-system-page", median(back, setup->rounds), "us", "lower");
  return PASS;
}

static enum outcome cpu_fault(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(on_device(setup, &mirror, &range, seed));
  (void)*(volatile uint8_t *)(range.base + 300 * PAGE);
  TRY(is_whole(mirror, range, SYSTEM | WRITABLE));
  return cpu_reads(range, seed);
}

// As zeros. The device does not write to it: see the group holes.
static enum outcome untouched(void *context) {
  struct setup *setup = context;
  int mirror;
  TRY(open_for_huge_pages(setup, &mirror));
  for (int touch = 0; touch < 2; touch++) {
    struct range range = {.base = map_huge(0), .pages = HUGE_PAGES};
    CHECK(range.base, "no memory, or no transparent huge pages: %s", strerror(errno));
    if (touch) CHECK(!*(volatile uint8_t *)range.base, "new memory is not zero");  // the huge zero page
    uint8_t *copy = buffer(range.pages);
    memset(copy, 0xa5, HUGE_BYTES);
    struct answer moved = ask(mirror, TO_DEVICE, range, copy);
    CHECK(moved.error == 0 && moved.pages == range.pages, "%s, %llu pages", strerror(moved.error),
          (unsigned long long)moved.pages);
    for (size_t byte = 0; byte < HUGE_BYTES; byte++) CHECK(!copy[byte], "%#x at byte %zu", copy[byte], byte);
    TRY(is_whole(mirror, range, here(setup) | WRITABLE));
    TRY(comes_back(mirror, range));
    for (size_t byte = 0; byte < HUGE_BYTES; byte++)
      CHECK(!range.base[byte], "%#x at byte %zu", range.base[byte], byte);
  }
  return PASS;
}

struct parts {
  struct range before, middle, behind;
};
static struct parts cut(struct range range) {
  return (struct parts){slice(range, 0, 100), slice(range, 100, 200), slice(range, 300, 212)};
}

static enum outcome part_back(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(on_device(setup, &mirror, &range, seed));
  struct parts parts = cut(range);
  TRY(to_system(mirror, parts.middle, parts.middle.pages));
  TRY(lies(mirror, parts.before, here(setup) | WRITABLE));
  TRY(lies(mirror, parts.middle, SYSTEM | WRITABLE));
  TRY(lies(mirror, parts.behind, here(setup) | WRITABLE));
  TRY(is_split(mirror, range));
  TRY(cpu_reads(parts.middle, seed));
  TRY(to_system(mirror, range, range.pages - parts.middle.pages));
  TRY(lies(mirror, range, SYSTEM | WRITABLE));
  return cpu_reads(range, seed);
}

static enum outcome part_unmapped(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(on_device(setup, &mirror, &range, seed));
  struct parts parts = cut(range);
  CHECK(!munmap(parts.middle.base, parts.middle.pages * PAGE), "%s", strerror(errno));
  TRY(lies(mirror, parts.before, here(setup) | WRITABLE));
  TRY(lies(mirror, parts.behind, here(setup) | WRITABLE));
  TRY(cpu_reads(parts.before, seed));
  TRY(comes_back(mirror, parts.behind));
  return cpu_reads(parts.behind, seed);
}

static enum outcome part_read_only(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(on_device(setup, &mirror, &range, seed));
  struct parts parts = cut(range);
  CHECK(!mprotect(parts.middle.base, parts.middle.pages * PAGE, PROT_READ), "%s", strerror(errno));
  TRY(lies(mirror, parts.before, here(setup) | WRITABLE));
  TRY(lies(mirror, parts.middle, here(setup) | READABLE));
  TRY(lies(mirror, parts.behind, here(setup) | WRITABLE));
  return cpu_reads(range, seed);
}

// To an address that suits a huge page, and to one that does not.
static enum outcome moved_address(void *context) {
  struct setup *setup = context;
  for (int odd = 0; odd < 2; odd++) {
    int mirror;
    struct range range, room = {.base = map_huge(0), .pages = HUGE_PAGES};
    CHECK(room.base, "%s", strerror(errno));
    uint64_t seed = fresh_seed();
    TRY(on_device(setup, &mirror, &range, seed));
    if (odd) room.base -= 7 * PAGE;  // map_huge() maps more in front of it
    void *memory = mremap(range.base, HUGE_BYTES, HUGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, room.base);
    CHECK(memory == room.base, "mremap: %s", strerror(errno));
    TRY(lies(mirror, room, here(setup) | WRITABLE));
    TRY(odd ? is_split(mirror, room) : is_whole(mirror, room, here(setup) | WRITABLE));
    TRY(comes_back(mirror, room));
    TRY(cpu_reads(room, seed));
  }
  return PASS;
}

static enum outcome forked(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(on_device(setup, &mirror, &range, seed));
  pid_t child = fork();
  if (child == 0) {
    if (cpu_reads(range, seed) != PASS) _exit(FAIL);
    fill(range.base, range, seed + 1);
    _exit((int)cpu_reads(range, seed + 1));
  }
  TRY(child_passed(child));
  TRY(cpu_reads(range, seed));
  fill(range.base, range, seed + 2);
  return cpu_reads(range, seed + 2);
}

static enum outcome split_on_the_way_out(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  TRY(open_for_huge_pages(setup, &mirror));
  uint64_t seed = fresh_seed();
  TRY(fresh_huge_page(mirror, &range, seed));
  TRY(fail_next_allocation(mirror));
  TRY(to_device(mirror, range, seed));
  TRY(lies(mirror, range, here(setup) | WRITABLE));
  TRY(is_split(mirror, range));
  TRY(device_writes(mirror, range, ++seed));
  TRY(to_system(mirror, range, range.pages));
  return cpu_reads(range, seed);
}

static enum outcome split_on_the_way_back(void *context) {
  struct setup *setup = context;
  for (int fault = 0; fault < 2; fault++) {
    int mirror;
    struct range range;
    uint64_t seed = fresh_seed();
    TRY(on_device(setup, &mirror, &range, seed));
    TRY(fail_next_allocation(mirror));
    if (fault) {
      // The fault holds the first page, which then stays for the moment.
      (void)*(volatile uint8_t *)(range.base + 300 * PAGE);
      TRY(lies(mirror, slice(range, 300, 1), SYSTEM | WRITABLE));
      TRY(is_split(mirror, range));
    }
    TRY(comes_back(mirror, range));
    TRY(is_split(mirror, range));
    TRY(cpu_reads(range, seed));
  }
  return PASS;
}

static enum outcome evicted(void *context) {
  struct setup *setup = context;
  for (int release = 0; release < 2; release++) {
    int mirror, other = open_mirror(setup->unit);
    CHECK(other >= 0, "no device");
    struct range range;
    uint64_t seed = fresh_seed();
    TRY(on_device(setup, &mirror, &range, seed));
    if (release) {
      struct answer answer = ask(mirror, RELEASE, range, NULL);
      CHECK(answer.error == 0, "%s", strerror(answer.error));
    }
    close(other);
    TRY(is_whole(mirror, range, SYSTEM | WRITABLE));
    TRY(cpu_reads(range, seed));
    close(mirror);
  }
  return PASS;
}

static enum outcome two_devices(void *context) {
  struct setup *setup = context;
  int one, two = open_mirror(setup->other);
  CHECK(two >= 0, "no device");
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(on_device(setup, &one, &range, seed));
  TRY(refused(two, range, ENOENT));
  TRY(is_whole(one, range, here(setup) | WRITABLE));
  TRY(device_reads(two, range, seed));
  TRY(is_whole(one, range, SYSTEM | WRITABLE));
  TRY(to_device(two, range, seed));
  TRY(comes_back(two, range));
  return cpu_reads(range, seed);
}

// The ioctl of src/hmm-pfns/hmm_pfns.c.
struct frames_query {
  uint64_t address, pages, frame, frames;
};

// One frame of the device that has the first of these pages, or 0.
static uint64_t frame_of_device(int query, struct range range) {
  FILE *regions = fopen("/proc/iomem", "re");
  char line[256];
  uint64_t frame = 0;
  while (regions && !frame && fgets(line, sizeof line, regions)) {
    unsigned long long start;
    if (!strstr(line, "hmm_dmirror") || sscanf(line, "%llx", &start) != 1) continue;
    uint64_t found = 0;
    struct frames_query one = {(uintptr_t)range.base, 1, start / PAGE, (uintptr_t)&found};
    if (!ioctl(query, _IOW('P', 1, struct frames_query), &one) && found) frame = start / PAGE;
  }
  if (regions) fclose(regions);
  return frame;
}

// hmm_range_fault() must report the same frame for a page, whichever range around it a driver asks for.
static enum outcome frames_of(struct range range) {
  int query = open("/dev/hmm_pfns", O_RDWR | O_CLOEXEC);
  if (query < 0) return skip("no /dev/hmm_pfns: %s", strerror(errno));
  uint64_t device = frame_of_device(query, range);
  CHECK(device, "no device has page 0");
  uint64_t all[HUGE_PAGES], some[HUGE_PAGES];
  struct frames_query whole = {(uintptr_t)range.base, range.pages, device, (uintptr_t)all};
  CHECK(!ioctl(query, _IOW('P', 1, struct frames_query), &whole), "%s", strerror(errno));
  for (size_t from = 1; from < range.pages; from += 31) {
    struct range part = slice(range, from, from + 31 < range.pages ? 31 : range.pages - from);
    struct frames_query question = {(uintptr_t)part.base, part.pages, device, (uintptr_t)some};
    CHECK(!ioctl(query, _IOW('P', 1, struct frames_query), &question), "%s", strerror(errno));
    for (size_t page = 0; page < part.pages; page++)
      CHECK(some[page] == all[from + page],
            "page %zu has frame %#llx, and %#llx if the range begins at page %zu", from + page,
            (unsigned long long)all[from + page], (unsigned long long)some[page], from);
  }
  close(query);
  return PASS;
}

static enum outcome frames(void *context) {
  struct setup *setup = context;
  int mirror;
  struct range range;
  TRY(on_device(setup, &mirror, &range, fresh_seed()));
  return frames_of(range);
}

static enum outcome frames_of_small(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = map_small(HUGE_PAGES);
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  TRY(to_device(mirror, range, seed));
  return frames_of(range);
}

const struct subtest whole_subtests[] = {
    {"whole-driven", driven},
    {"whole-cpu-fault", cpu_fault},
    {"whole-untouched", untouched},
    {"whole-part-back", part_back},
    {"whole-part-unmapped", part_unmapped},
    {"whole-part-read-only", part_read_only},
    {"whole-mremap", moved_address},
    {"whole-fork", forked},
    {"whole-split-out", split_on_the_way_out},
    {"whole-split-back", split_on_the_way_back},
    {"whole-evicted", evicted},
    {"whole-two-devices", two_devices},
    {0},
};

const struct subtest frames_subtests[] = {
    {"frames-small", frames_of_small},
    {"frames-whole", frames},
    {0},
};
