// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "pingpong.h"

static enum outcome holds(const char *who, const void *memory, struct range range, uint64_t seed) {
  ssize_t wrong = difference(memory, range, seed);
  CHECK(wrong < 0, "%s sees other data in page %zd of %zu, at byte %zd", who, wrong / PAGE, range.pages, wrong % PAGE);
  return PASS;
}

static bool on_device(unsigned place) {
  return (place & PLACE_MASK) == PRIVATE_HERE || (place & PLACE_MASK) == COHERENT_HERE;
}
static bool off_device(unsigned place) { return !on_device(place); }
static bool in_system(unsigned place) { return place && (place & PLACE_MASK) == SYSTEM; }

static enum outcome are(int mirror, struct range range, const char *where, bool (*there)(unsigned place)) {
  uint8_t *places = buffer(range.pages);
  memset(places, 0xff, range.pages);
  struct answer answer = ask(mirror, SNAPSHOT, range, places);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  CHECK(answer.pages == range.pages, "a snapshot of %llu pages", (unsigned long long)answer.pages);
  for (size_t page = 0; page < range.pages; page++)
    CHECK(there(places[page]), "page %zu of %zu is %#x, not %s", page, range.pages, places[page], where);
  return PASS;
}

enum outcome to_device(int mirror, struct range range, uint64_t seed) {
  uint8_t *copy = buffer(range.pages);
  memset(copy, 0, range.pages * PAGE);
  struct answer answer = ask(mirror, TO_DEVICE, range, copy);
  CHECK(answer.error == 0, "%s (ENOENT: a page did not move)", strerror(answer.error));
  CHECK(answer.pages == range.pages, "%llu of %zu pages moved", (unsigned long long)answer.pages, range.pages);
  TRY(holds("the device", copy, range, seed));
  return are(mirror, range, "on the device", on_device);
}

enum outcome to_system(int mirror, struct range range, size_t moved) {
  struct answer answer = ask(mirror, TO_SYSTEM, range, NULL);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  CHECK(answer.pages == moved, "%llu pages came back, not %zu", (unsigned long long)answer.pages, moved);
  return PASS;
}

enum outcome refused(int mirror, struct range range, int error) {
  struct answer answer = ask(mirror, TO_DEVICE, range, buffer(range.pages));
  CHECK(answer.error == error, "%s, not %s", strerror(answer.error), strerror(error));
  return PASS;
}

// The driver's own answer is no proof: where the mirror knows a page from a read before, it reports it as done.
enum outcome stays(int mirror, struct range range) {
  struct answer answer = ask(mirror, TO_DEVICE, range, buffer(range.pages));
  CHECK(answer.error == 0 || answer.error == ENOENT, "%s", strerror(answer.error));
  TRY(are(mirror, range, "off the device", off_device));
  // 7.3 splits a large folio of the page cache before it sees that it cannot move it, which takes it out of the page table.
  for (size_t page = 0; page < range.pages; page++) (void)*(volatile uint8_t *)(range.base + page * PAGE);
  return are(mirror, range, "in system memory", in_system);
}

enum outcome device_reads(int mirror, struct range range, uint64_t seed) {
  uint8_t *copy = buffer(range.pages);
  memset(copy, 0, range.pages * PAGE);
  struct answer answer = ask(mirror, DEVICE_READ, range, copy);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  CHECK(answer.pages == range.pages, "%llu of %zu pages read", (unsigned long long)answer.pages, range.pages);
  return holds("the device", copy, range, seed);
}

enum outcome device_writes(int mirror, struct range range, uint64_t seed) {
  uint8_t *data = buffer(range.pages);
  fill(data, range, seed);
  struct answer answer = ask(mirror, DEVICE_WRITE, range, data);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  CHECK(answer.pages == range.pages, "%llu of %zu pages written", (unsigned long long)answer.pages, range.pages);
  return PASS;
}

enum outcome child_passed(pid_t child) {
  int status = 0;
  CHECK(child > 0 && waitpid(child, &status, 0) == child, "%s", strerror(errno));
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == PASS, "the process ended with status %#x", (unsigned)status);
  return PASS;
}

enum outcome cpu_reads(struct range range, uint64_t seed) { return holds("the CPU", range.base, range, seed); }

enum outcome lies(int mirror, struct range range, unsigned where) {
  uint8_t *places = buffer(range.pages);
  memset(places, 0xff, range.pages);
  struct answer answer = ask(mirror, SNAPSHOT, range, places);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  CHECK(answer.pages == range.pages, "a snapshot of %llu pages", (unsigned long long)answer.pages);
  for (size_t page = 0; page < range.pages; page++) {
    unsigned found = places[page];
    if (found != 0xff) found &= ~(unsigned)WHOLE_HUGE;
    CHECK(found == where, "page %zu of %zu is %#x, not %#x", page, range.pages, found, where);
  }
  return PASS;
}

enum outcome fresh_huge_page(int mirror, struct range *range, uint64_t seed) {
  *range = (struct range){.base = map_huge(0), .pages = HUGE_PAGES};
  CHECK(range->base, "no memory, or no transparent huge pages: %s", strerror(errno));
  fill(range->base, *range, seed);
  return is_whole(mirror, *range, SYSTEM | WRITABLE);
}

enum outcome is_whole(int mirror, struct range range, unsigned where) {
  uint8_t places[HUGE_PAGES];
  struct answer answer = ask(mirror, SNAPSHOT, range, places);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  for (size_t page = 0; page < range.pages; page++)
    CHECK(places[page] == (where | WHOLE_HUGE), "page %zu is %#x, not %#x: in a huge page", page, places[page],
          where | WHOLE_HUGE);
  return PASS;
}

enum outcome is_split(int mirror, struct range range) {
  uint8_t places[HUGE_PAGES];
  struct answer answer = ask(mirror, SNAPSHOT, range, places);
  CHECK(answer.error == 0, "%s", strerror(answer.error));
  for (size_t page = 0; page < range.pages; page++)
    CHECK(!(places[page] & WHOLE_HUGE), "page %zu is %#x: still in a huge page", page, places[page]);
  return PASS;
}
