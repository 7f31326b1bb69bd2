// SPDX-License-Identifier: Apache-2.0
// Pages that a userfaultfd puts into memory: copied, or moved there; and its end.
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

// Since Linux 6.8; not in the headers of Debian 12.
struct move {
  uint64_t target, source, length, mode;
  int64_t moved;
};
#define MOVE _IOWR(UFFDIO, 0x05, struct move)
#define MOVE_FEATURE (UINT64_C(1) << 16)

static int open_uffd(uint64_t *features) {
  int uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
  struct uffdio_api api = {.api = UFFD_API};
  if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api)) return -1;
  *features = api.features;
  return uffd;
}

static enum outcome placing(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  static uint64_t before[PAGES], after[PAGES], sources[PAGES];
  uint64_t features;
  bool moves = strncmp(row->subtest.name, "uffd-move", 9) == 0;
  int uffd = open_uffd(&features);
  if (uffd < 0 && errno == ENOSYS) return skip("the kernel has no userfaultfd");
  CHECK(uffd >= 0, "userfaultfd: %s", strerror(errno));
  if (moves && !(features & MOVE_FEATURE)) return skip("the kernel has no UFFDIO_MOVE");
  for ROUNDS(round) {
    int failed;
    uint8_t *source = map_filled(PLACE, row->kind), *target = map_empty(OTHER_PLACE, row->kind);
    CHECK(source && target && read_frames(source, before), "round %zu", round);
    struct uffdio_register wish = {
        .range = {.start = (uintptr_t)target, .len = HUGE}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    CHECK(!ioctl(uffd, UFFDIO_REGISTER, &wish), "%s", strerror(errno));
    struct uffdio_copy copy = {.dst = (uintptr_t)target, .src = (uintptr_t)source, .len = HUGE};
    struct move move = {.target = (uintptr_t)target, .source = (uintptr_t)source, .length = HUGE};
    if (moves)
      MEASURE(&samples, failed = ioctl(uffd, MOVE, &move));
    else
      MEASURE(&samples, failed = ioctl(uffd, UFFDIO_COPY, &copy));
    CHECK(!failed, "%s", strerror(errno));
    CHECK((moves ? move.moved : copy.copy) == (int64_t)HUGE, "not all of it");
    CHECK(is_made_of(target, row->kind) && is_intact(target), "round %zu", round);
    CHECK(read_frames(target, after) && read_frames(source, sources), "round %zu", round);
    for (size_t page = 0; page < PAGES; page++) {
      CHECK((after[page] == before[page]) == moves, "page %zu was %smoved", page, moves ? "not " : "");
      CHECK(sources[page] == (moves ? 0 : before[page]), "page %zu of the source", page);
    }
    CHECK(!munmap(source, HUGE) && !munmap(target, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, row->kind == PMD_THP ? 1 : PAGES);
}

static void *touch(void *page) {
  *(volatile uint8_t *)page = 1;
  return NULL;
}

// Waits until so many threads have faulted, each in a page of its own, and wait for the userfaultfd.
static enum outcome await_faults(int uffd, const uint8_t *memory, size_t count) {
  bool seen[PAGES] = {0};
  for (size_t fault = 0; fault < count; fault++) {
    struct uffd_msg message;
    CHECK(read(uffd, &message, sizeof message) == sizeof message, "%s", strerror(errno));
    CHECK(message.event == UFFD_EVENT_PAGEFAULT, "event %#x", message.event);
    uint64_t page = (message.arg.pagefault.address - (uintptr_t)memory) / PAGE;
    CHECK(page < count && !seen[page], "a fault at page %llu", (unsigned long long)page);
    seen[page] = true;
  }
  return PASS;
}

// The userfaultfd is closed while threads wait for it; they go on with pages of their own.
static enum outcome closing(void *context) {
  const struct row *row = context;
  struct samples samples = {0};
  uint64_t features;
  for ROUNDS(round) {
    pthread_t threads[PAGES];
    int failed, uffd = open_uffd(&features);
    if (uffd < 0 && errno == ENOSYS) return skip("the kernel has no userfaultfd");
    CHECK(uffd >= 0, "userfaultfd: %s", strerror(errno));
    uint8_t *memory = map_empty(PLACE, SMALL);
    CHECK(memory, "round %zu", round);
    struct uffdio_register wish = {
        .range = {.start = (uintptr_t)memory, .len = HUGE}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    CHECK(!ioctl(uffd, UFFDIO_REGISTER, &wish), "%s", strerror(errno));
    for (size_t thread = 0; thread < row->number; thread++)
      CHECK(!pthread_create(&threads[thread], NULL, touch, memory + thread * PAGE), "thread %zu", thread);
    TRY(await_faults(uffd, memory, row->number));
    CHECK(resident(memory) == 0, "%zu pages are there already", resident(memory));
    MEASURE(&samples, failed = close(uffd));
    CHECK(!failed, "%s", strerror(errno));
    for (size_t thread = 0; thread < row->number; thread++)
      CHECK(!pthread_join(threads[thread], NULL) && memory[thread * PAGE] == 1, "thread %zu", thread);
    CHECK(resident(memory) == row->number, "%zu pages", resident(memory));
    CHECK(!munmap(memory, HUGE), "%s", strerror(errno));
  }
  return report(row, &samples, 1);
}

const struct row uffd_rows[] = {
    {{"uffd-copy-small", placing}, "uffd", SMALL, 0},
    {{"uffd-move-small", placing}, "uffd", SMALL, 0},
    {{"uffd-move-pmd-thp", placing}, "uffd", PMD_THP, 0},
    {{"uffd-close", closing}, "uffd", SMALL, 0},
    {{"uffd-close-64-waiting", closing}, "uffd", SMALL, 64},
};
const size_t uffd_count = sizeof uffd_rows / sizeof *uffd_rows;
