// SPDX-License-Identifier: Apache-2.0
// Huge pages: a transparent one moves, whole (test-whole.c) or as small pages; one of hugetlbfs does not go.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pingpong.h"

static enum outcome transparent_driven(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  bool whole = takes_huge_pages(setup, mirror);
  double *there = calloc(setup->rounds, sizeof *there);
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
    TRY(lies(mirror, range, here(setup) | WRITABLE));
    TRY(device_writes(mirror, range, seed + 1));
    moved = ask(mirror, TO_SYSTEM, range, NULL);
    CHECK(moved.error == 0, "%s", strerror(moved.error));
    TRY(lies(mirror, range, SYSTEM | WRITABLE));
    TRY(whole ? is_whole(mirror, range, SYSTEM | WRITABLE) : is_split(mirror, range));
    TRY(cpu_reads(range, seed + 1));
    TRY(to_device(mirror, range, seed + 1));  // as 512 small pages now, where they are split
    moved = ask(mirror, TO_SYSTEM, range, NULL);
    CHECK(moved.error == 0, "%s", strerror(moved.error));
    TRY(cpu_reads(range, seed + 1));
    munmap(range.base, HUGE_BYTES);
  }
  metric("thp-to-device-page", median(there, setup->rounds), "us", "lower");
  return PASS;
}

static enum outcome transparent_part(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range;
  uint64_t seed = fresh_seed();
  TRY(fresh_huge_page(mirror, &range, seed));
  struct range middle = slice(range, 100, 200), before = slice(range, 0, 100), behind = slice(range, 300, 212);
  TRY(to_device(mirror, middle, seed));
  TRY(lies(mirror, middle, here(setup) | WRITABLE));
  TRY(lies(mirror, before, SYSTEM | WRITABLE));
  TRY(lies(mirror, behind, SYSTEM | WRITABLE));
  TRY(is_split(mirror, range));
  TRY(device_reads(mirror, before, seed));
  TRY(device_reads(mirror, middle, seed));
  TRY(device_reads(mirror, behind, seed));
  TRY(device_writes(mirror, middle, seed + 1));
  TRY(to_system(mirror, range, middle.pages));
  TRY(cpu_reads(before, seed));
  TRY(cpu_reads(middle, seed + 1));
  return cpu_reads(behind, seed);
}

static enum outcome hugetlb_refused(void *context) {
  struct setup *setup = context;
  int mirror = open_mirror(setup->unit);
  CHECK(mirror >= 0, "no device");
  struct range range = {.base = map_huge(MAP_HUGETLB), .pages = HUGE_PAGES};
  CHECK(range.base, "no page of hugetlbfs: %s", strerror(errno));
  uint64_t seed = fresh_seed();
  fill(range.base, range, seed);
  TRY(refused(mirror, range, EINVAL));
  TRY(cpu_reads(range, seed));
  // The device works on it where it is.
  TRY(device_reads(mirror, range, seed));
  TRY(device_writes(mirror, range, seed + 1));
  TRY(lies(mirror, range, SYSTEM | WRITABLE));
  return cpu_reads(range, seed + 1);
}

const struct subtest huge_subtests[] = {
    {"thp-driven", transparent_driven},
    {"thp-part-driven", transparent_part},
    {"hugetlb-refused", hugetlb_refused},
    {0},
};
