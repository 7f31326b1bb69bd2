// SPDX-License-Identifier: Apache-2.0
// Memory that moves to the private memory of a device and back: the kernel's driver test_hmm, by migrate_vma_setup().
// The ioctls: lib/test_hmm_uapi.h of the Linux kernel.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"

enum request { TO_DEVICE = 2, TO_SYSTEM = 3, SNAPSHOT = 4 };
enum { PLACE_MASK = 0x70, SYSTEM = 0x00, PRIVATE_HERE = 0x20, WRITABLE = 2 };

struct command {
  uint64_t address, buffer, pages;
  uint64_t done, faults;  // the answer
};

// How many pages were done, or -1.
static int64_t ask(int mirror, enum request request, const uint8_t *memory, void *buffer) {
  struct command command = {.address = (uintptr_t)memory, .buffer = (uintptr_t)buffer, .pages = PAGES};
  return ioctl(mirror, _IOWR('H', request, struct command), &command) ? -1 : (int64_t)command.done;
}

static enum outcome are_all(int mirror, const uint8_t *memory, unsigned place) {
  static uint8_t places[PAGES];
  memset(places, 0xff, sizeof places);
  CHECK(ask(mirror, SNAPSHOT, memory, places) == PAGES, "%s", strerror(errno));
  for (size_t page = 0; page < PAGES; page++)
    CHECK((places[page] & PLACE_MASK) == place && places[page] & WRITABLE, "page %zu is at %#x", page, places[page]);
  return PASS;
}

static void read_all(const uint8_t *memory) {
  for (size_t page = 0; page < PAGES; page++) (void)*(const volatile uint8_t *)(memory + page * PAGE);
}

static enum outcome driving(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  bool there = strncmp(row->subtest.name, "to-device", 9) == 0, asked = strncmp(row->subtest.name, "to-system", 9) == 0;
  int mirror = open("/dev/hmm_dmirror0", O_RDWR | O_CLOEXEC);
  if (mirror < 0) return skip("the module test_hmm is not loaded");
  uint8_t *copy = mmap(OTHER_PLACE, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  CHECK(copy == OTHER_PLACE, "%s", strerror(errno));
  for ROUNDS(round) {
    int64_t done = PAGES;
    uint8_t *memory = map_filled(PLACE, row->kind);
    CHECK(memory, "round %zu", round);
    memset(copy, 0, HUGE);
    if (there)
      MEASURE(&samples, done = ask(mirror, TO_DEVICE, memory, copy));
    else
      done = ask(mirror, TO_DEVICE, memory, copy);
    CHECK(done == PAGES, "%lld pages went to the device, %s", (long long)done, strerror(errno));
    CHECK(is_intact(copy), "the device has something else");
    TRY(are_all(mirror, memory, PRIVATE_HERE));
    // A page that is not there anymore is fetched by whoever touches it.
    if (asked)
      MEASURE(&samples, done = ask(mirror, TO_SYSTEM, memory, NULL));
    else if (!there)
      MEASURE(&samples, read_all(memory));
    else
      read_all(memory);
    CHECK(done >= 0, "%s", strerror(errno));
    TRY(are_all(mirror, memory, SYSTEM));
    CHECK(resident(memory) == PAGES && is_intact(memory) && !munmap(memory, HUGE), "round %zu", round);
  }
  return report(row, &samples, row->kind == PMD_THP ? 1 : PAGES);
}

const struct row device_rows[] = {
    {{"to-device-small", driving}, "device", SMALL, 0},    {{"to-device-pmd-thp", driving}, "device", PMD_THP, 0},
    {{"to-system-small", driving}, "device", SMALL, 0},    {{"to-system-pmd-thp", driving}, "device", PMD_THP, 0},
    {{"device-fault-small", driving}, "device", SMALL, 0}, {{"device-fault-pmd-thp", driving}, "device", PMD_THP, 0},
};
const size_t device_count = sizeof device_rows / sizeof *device_rows;
