// SPDX-License-Identifier: Apache-2.0
// A block goes offline under pages that are in use: they move, and nothing in them changes.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hotplug.h"

static enum outcome move(const struct machine *machine, struct target target, const char *what) {
  if (!target.memory) return FAIL;
  put_pattern(target.memory, target.bytes, target.seed);
  return find_target(machine, &target) ? check_move(machine, &target, what) : FAIL;
}

static enum outcome small_pages(void *context) {
  struct target target = {.bytes = 64 * MIB, .seed = 1};
  use_up_the_rest(context, MADV_NOHUGEPAGE);
  target.memory = anonymous(target.bytes, MADV_NOHUGEPAGE, 0);
  return move(context, target, "small pages");
}

static enum outcome shared_pages(void *context) {
  struct target target = {.bytes = 64 * MIB, .seed = 2};
  use_up_the_rest(context, MADV_NOHUGEPAGE);
  target.memory = mmap(NULL, target.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(target.memory != MAP_FAILED, "%s", strerror(errno));
  return move(context, target, "shared memory");
}

static enum outcome locked_pages(void *context) {
  struct target target = {.bytes = 32 * MIB, .seed = 3};
  use_up_the_rest(context, MADV_NOHUGEPAGE);
  target.memory = anonymous(target.bytes, MADV_NOHUGEPAGE, 0);
  if (!target.memory) return FAIL;
  CHECK(mlock(target.memory, target.bytes) == 0, "%s", strerror(errno));
  return move(context, target, "locked pages");
}

static size_t whole(const struct target *target, bool (*test)(const void *)) {
  size_t count = 0;
  for (size_t offset = 0; offset < target->bytes; offset += HUGE) count += test(target->memory + offset);
  return count;
}

static enum outcome transparent_huge_pages(void *context) {
  struct target target = {.bytes = 64 * MIB, .seed = 4};
  use_up_the_rest(context, MADV_HUGEPAGE);
  target.memory = anonymous(target.bytes, MADV_HUGEPAGE, 0);
  if (!target.memory) return FAIL;
  put_pattern(target.memory, target.bytes, target.seed);
  size_t before = whole(&target, is_whole_thp);
  CHECK(before == target.bytes / HUGE, "%zu THPs", before);
  enum outcome outcome = move(context, target, "THPs");
  size_t after = whole(&target, is_whole_thp);
  diagnose("%zu of %zu THPs are whole after the move", after, before);
  // With so much memory free there is a huge page to move each of them to.
  if (outcome == PASS) CHECK(after == before, "%zu of %zu THPs were split", before - after, before);
  return outcome;
}

static enum outcome hugetlb_pages(void *context) {
  const char *pool = "/proc/sys/vm/nr_hugepages";
  struct target target = {.bytes = 16 * HUGE, .seed = 5};
  use_up_the_rest(context, MADV_HUGEPAGE);
  int error = write_line(pool, "16");
  CHECK(error == 0 && meminfo("HugePages_Free") == 16, "%ld huge pages are free (%s)", meminfo("HugePages_Free"),
        strerror(error));
  target.memory = anonymous(target.bytes, 0, MAP_HUGETLB);
  enum outcome outcome = move(context, target, "hugetlb pages");
  size_t left = target.memory ? whole(&target, is_hugetlb) : 0;
  long total = meminfo("HugePages_Total"), surplus = meminfo("HugePages_Surp");
  if (target.memory) munmap(target.memory, target.bytes);
  write_line(pool, "0");
  CHECK(left == 16, "%zu of 16 are hugetlb pages after the move", left);
  CHECK(total == 16 && surplus == 0, "%ld huge pages, %ld surplus", total, surplus);
  return outcome;
}

static enum outcome free_hugetlb_pages(void *context) {
  const struct machine *machine = context;
  const char *pool = "/proc/sys/vm/nr_hugepages";
  struct target target = {.bytes = 16 * HUGE, .seed = 6};
  use_up_the_rest(machine, MADV_HUGEPAGE);
  int error = write_line(pool, "16");
  CHECK(error == 0 && meminfo("HugePages_Free") == 16, "%ld huge pages are free", meminfo("HugePages_Free"));
  // Mapped once to learn where they lie; then they are free and in the same block.
  target.memory = anonymous(target.bytes, 0, MAP_HUGETLB);
  if (!target.memory) return FAIL;
  put_pattern(target.memory, target.bytes, target.seed);
  bool found = find_target(machine, &target);
  munmap(target.memory, target.bytes);
  error = found ? set_block(target.block, "offline") : ENOENT;
  long total = meminfo("HugePages_Total");
  int back = found ? set_block(target.block, "online_movable") : ENOENT;
  write_line(pool, "0");
  CHECK(error == 0 && back == 0, "memory%u: offline %s, online %s", target.block, strerror(error), strerror(back));
  long dissolved = (long)(target.pages * PAGE / HUGE);
  CHECK(total == 16 - dissolved, "%ld of 16 are left, %ld were in the block", total, dissolved);
  return PASS;
}

// Rewrites the memory for ever, checks all that was written before, and ends with 1 when something differs.
static _Noreturn void work(uint8_t *memory, size_t bytes) {
  for (uint64_t round = 1;; round++) {
    put_pattern(memory, bytes, round);
    if (changed_at(memory, bytes, round) >= 0) _exit(1);
    madvise(memory, bytes / 2, MADV_DONTNEED);  // its new pages may lie in the block that has just come back
  }
}

static enum outcome cycles_under_load(void *context) {
  enum { WORKERS = 2, CYCLES = 3, MOST = 6 };
  const struct machine *machine = context;
  pid_t workers[WORKERS];
  for (int worker = 0; worker < WORKERS; worker++) {
    size_t bytes = 16 * MIB;
    uint8_t *memory = anonymous(bytes, worker ? MADV_HUGEPAGE : MADV_NOHUGEPAGE, 0);
    if (!memory) return FAIL;
    if ((workers[worker] = fork()) == 0) work(memory, bytes);
  }
  int failed = 0;
  size_t blocks = machine->movable_count < MOST ? machine->movable_count : MOST;
  for (int cycle = 0; cycle < CYCLES && !failed; cycle++)
    for (size_t index = 0; index < blocks && !failed; index++) {
      failed = set_block(machine->movable[index], "offline");
      if (!failed) failed = set_block(machine->movable[index], "online_movable");
      if (failed) diagnose("cycle %d, memory%u: %s", cycle, machine->movable[index], strerror(failed));
    }
  bool intact = true;
  for (int worker = 0; worker < WORKERS; worker++) {
    int status = 0;
    intact &= waitpid(workers[worker], &status, WNOHANG) == 0;  // still at it: nothing differed so far
    kill(workers[worker], SIGKILL);
  }
  CHECK(intact, "a process found other data than it wrote, or died");
  return failed ? FAIL : PASS;
}

const struct subtest move_subtests[] = {{"small-pages-move", small_pages},
                                        {"shared-memory-moves", shared_pages},
                                        {"locked-pages-move", locked_pages},
                                        {"thps-move-whole", transparent_huge_pages},
                                        {"hugetlb-pages-move", hugetlb_pages},
                                        {"free-hugetlb-pages-dissolve", free_hugetlb_pages},
                                        {"cycles-under-load", cycles_under_load},
                                        {0}};
