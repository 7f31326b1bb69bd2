// SPDX-License-Identifier: Apache-2.0
// Persistent memory mapped through device-dax, with pages of 4 KiB, 2 MiB or 1 GiB: the row's number is their order.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

// Of a mapping, 512 places are touched: each page of 2 MiB, or one for each 2 MiB of 1 GiB.
struct place {
  int device;
  size_t length, step;
};

static enum outcome open_device(const struct row *row, struct place *place) {
  char path[64];
  size_t page = (size_t)PAGE << row->number;
  CHECK(devdax_of(page, path, sizeof path), "no device with pages of %zu KiB", page / 1024);
  place->device = open(path, O_RDWR | O_CLOEXEC);
  CHECK(place->device >= 0, "%s: %s", path, strerror(errno));
  place->length = page < HUGE ? HUGE : page;
  place->step = place->length / PAGES;
  return PASS;
}

static uint8_t *map(const struct place *place) {
  void *memory =
      mmap(PLACE, place->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, place->device, 0);
  if (memory == MAP_FAILED) diagnose("%zu KiB of the device: %s", place->length / 1024, strerror(errno));
  return memory == MAP_FAILED ? NULL : memory;
}

static void touch(uint8_t *memory, const struct place *place, uint16_t seed) {
  for (size_t index = 0; index < PAGES; index++)
    *(volatile uint16_t *)(memory + index * place->step) = (uint16_t)(seed + index);
}

static bool holds(const uint8_t *memory, const struct place *place, uint16_t seed) {
  for (size_t index = 0; index < PAGES; index++)
    if (*(const volatile uint16_t *)(memory + index * place->step) != (uint16_t)(seed + index)) return false;
  return true;
}

// Touches every place for the first time, or one if a page holds them all, and looks how many faults that takes.
static enum outcome fault(uint8_t *memory, const struct place *place, const struct row *row, uint16_t seed,
                          struct samples *samples) {
  long expected = row->number ? 1 : PAGES, before = minor_faults();
  if (row->number)
    MEASURE(samples, *(volatile uint8_t *)memory = 1);
  else
    MEASURE(samples, touch(memory, place, seed));
  touch(memory, place, seed);
  long faults = minor_faults() - before;
  // In its first round a new process also faults in what it shares with its parent.
  CHECK(faults == expected || samples->rounds == 1, "%ld faults instead of %ld", faults, expected);
  return PASS;
}

static enum outcome faulting(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  struct place place;
  TRY(open_device(row, &place));
  for ROUNDS(round) {
    uint16_t seed = (uint16_t)(1 + 1000 * round);
    uint8_t *memory = map(&place);
    CHECK(memory, "round %zu", round);
    TRY(fault(memory, &place, row, seed, &samples));
    CHECK(holds(memory, &place, seed) && !munmap(memory, place.length), "round %zu", round);
    // The device keeps it.
    CHECK(map(&place) == memory && holds(memory, &place, seed), "round %zu: another mapping differs", round);
    CHECK(!munmap(memory, place.length), "%s", strerror(errno));
  }
  return report(row, &samples, row->number ? 1 : PAGES);
}

static enum outcome unmapping(void *context) {
  const struct row *row = context;
  struct samples samples = {0}, faults = {0};
  struct place place;
  TRY(open_device(row, &place));
  for ROUNDS(round) {
    int failed;
    uint8_t *memory = map(&place);
    CHECK(memory, "round %zu", round);
    TRY(fault(memory, &place, row, (uint16_t)(1 + 1000 * round), &faults));
    MEASURE(&samples, failed = munmap(memory, place.length));
    CHECK(!failed && resident(memory) == SIZE_MAX && errno == ENOMEM, "something is still mapped");
  }
  return report(row, &samples, row->number ? 1 : PAGES);
}

static enum outcome directing(void *context) {
  const struct row *row = context;
  struct place place;
  TRY(open_device(row, &place));
  uint8_t *memory = map(&place);
  CHECK(memory, "no memory");
  touch(memory, &place, 1);
  TRY(transfer(row, memory, strncmp(row->subtest.name, "direct-read", 11) == 0));
  CHECK(!munmap(memory, place.length), "%s", strerror(errno));
  return PASS;
}

const struct row dax_rows[] = {
    {{"dax-fault-4k", faulting}, "dax-4k", SMALL, 0},         {{"dax-munmap-4k", unmapping}, "dax-4k", SMALL, 0},
    {{"direct-write-dax-4k", directing}, "dax-4k", SMALL, 0}, {{"direct-read-dax-4k", directing}, "dax-4k", SMALL, 0},
    {{"dax-fault-2m", faulting}, "dax-2m", SMALL, 9},         {{"dax-munmap-2m", unmapping}, "dax-2m", SMALL, 9},
    {{"direct-write-dax-2m", directing}, "dax-2m", SMALL, 9}, {{"direct-read-dax-2m", directing}, "dax-2m", SMALL, 9},
    {{"dax-fault-1g", faulting}, "dax-1g", SMALL, 18},        {{"dax-munmap-1g", unmapping}, "dax-1g", SMALL, 18},
    {{"direct-write-dax-1g", directing}, "dax-1g", SMALL, 18}, {{"direct-read-dax-1g", directing}, "dax-1g", SMALL, 18},
};
const size_t dax_count = sizeof dax_rows / sizeof *dax_rows;
