// SPDX-License-Identifier: Apache-2.0
// Each system call that moves memory moves a huge page whole: one compound page before, one compound page after.
#include <errno.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "thp.h"

// The page at this offset is named, the whole huge page must go: there and back again.
static enum outcome moved_by(const struct machine *machine, int offset) {
  uint64_t seed = fresh_seed(), success, splits;
  uint8_t *memory = map_huge(machine->from, seed);
  int status;
  CHECK(memory, "no huge page on node %d", machine->from);
  CHECK(vmstat("thp_migration_success", &success) && count_splits(&splits), "no counters");
  long left = move_huge(0, memory, offset, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  CHECK(is_whole(memory, machine->to, seed), "after the way there");
  // Smaller sizes are not counted.
  CHECK(huge_order() < HUGE_ORDER || grew("thp_migration_success", success, 1, false), "counter");
  CHECK(splits_grew(splits, false), "counter");
  if (huge_order() < HUGE_ORDER) return PASS;  // the way back is a subtest of its own
  left = move_huge(0, memory, offset, machine->from, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->from, "result %ld, status %d", left, status);
  CHECK(is_whole(memory, machine->from, seed), "after the way back");
  return PASS;
}

static enum outcome by_head(void *context) { return moved_by(context, 0); }
static enum outcome by_tail(void *context) { return moved_by(context, 377); }

// The second address finds the page already taken off its list by the first: EBUSY there is no failure of the move.
static enum outcome by_every_address(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_huge(machine->from, seed);
  void *addresses[PAGES];
  int nodes[PAGES], status[PAGES], busy = 0;
  CHECK(memory, "no huge page");
  for (int page = 0; page < PAGES; page++) {
    addresses[page] = memory + (size_t)page * PAGE;
    nodes[page] = machine->to;
    status[page] = -1000;
  }
  long left = move_pages(0, PAGES, addresses, nodes, status, MPOL_MF_MOVE);
  CHECK(left == 0, "result %ld: %s", left, left < 0 ? strerror(errno) : "not moved");
  for (int page = 0; page < PAGES; page++) {
    busy += status[page] == -EBUSY;
    CHECK(status[page] == machine->to || status[page] == -EBUSY, "page %d: status %d", page, status[page]);
  }
  diagnose("%d of %d addresses answered EBUSY", busy, PAGES);
  CHECK(busy <= PAGES / huge_pages(), "%d addresses answered EBUSY", busy);
  CHECK(is_whole(memory, machine->to, seed), "after the move");
  return PASS;
}

static _Noreturn void hold_page(const struct machine *machine, uint64_t seed, int ready, int go) {
  char byte;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  uint8_t *memory = map_huge(machine->from, seed);
  if (!memory || write(ready, &memory, sizeof memory) != sizeof memory || read(go, &byte, 1) != 1) _exit(FAIL);
  _exit(is_whole(memory, machine->to, seed) ? PASS : FAIL);
}

static enum outcome of_another_process(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  uint8_t *memory;
  int ready[2], go[2], status, end;
  CHECK(pipe(ready) == 0 && pipe(go) == 0, "pipe: %s", strerror(errno));
  pid_t child = fork();
  if (child == 0) hold_page(machine, seed, ready[1], go[0]);
  close(ready[1]);
  CHECK(child > 0 && read(ready[0], &memory, sizeof memory) == sizeof memory, "the child has no huge page");
  long left = move_huge(child, memory, 0, machine->to, MPOL_MF_MOVE, &status);
  CHECK(write(go[1], "", 1) == 1 && waitpid(child, &end, 0) == child, "child: %s", strerror(errno));
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  CHECK(WIFEXITED(end) && WEXITSTATUS(end) == PASS, "what the child sees (status %#x)", (unsigned)end);
  return PASS;
}

static enum outcome by_mbind(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_huge(machine->from, seed);
  CHECK(memory, "no huge page");
  CHECK(bind_memory(memory, HUGE, MPOL_BIND, machine->to, MPOL_MF_MOVE | MPOL_MF_STRICT) == 0, "mbind: %s",
        strerror(errno));
  CHECK(is_whole(memory, machine->to, seed), "after mbind");
  return PASS;
}

// Moves all that this process has on the node, its stack too; what cannot be moved is counted in the result.
static enum outcome by_migrate_pages(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_huge(machine->from, seed);
  CHECK(memory, "no huge page");
  long left = migrate_pages(0, machine->from, machine->to);
  CHECK(left >= 0, "migrate_pages: %s", strerror(errno));
  diagnose("%ld pages of the process were left behind", left);
  CHECK(is_whole(memory, machine->to, seed), "after migrate_pages");
  return PASS;
}

// mlock's promise is that the page stays in memory; the counter must come back to where it was.
static enum outcome locked(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed(), before, after;
  struct pages pages;
  uint8_t *memory = map_huge(machine->from, seed);
  int status;
  CHECK(memory && vmstat("nr_mlock", &before) && mlock(memory, HUGE) == 0, "mlock: %s", strerror(errno));
  CHECK(grew("nr_mlock", before, PAGES, true), "after mlock");
  CHECK(read_pages(memory, &pages) && pages.flags[0] >> KPF_UNEVICTABLE & 1, "not unevictable after mlock");
  long left = move_huge(0, memory, 0, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  CHECK(is_whole(memory, machine->to, seed) && read_pages(memory, &pages), "after the move");
  diagnose("unevictable after the move: %s", pages.flags[0] >> KPF_UNEVICTABLE & 1 ? "yes" : "no, until reclaim looks");
  CHECK(vmstat("nr_mlock", &after), "no counter");
  diagnose("nr_mlock after the move: %" PRId64 " more than before mlock", (int64_t)(after - before));
  CHECK(munlock(memory, HUGE) == 0 && munmap(memory, HUGE) == 0, "munlock: %s", strerror(errno));
  CHECK(grew("nr_mlock", before, 0, true), "after munlock");
  return PASS;
}

// One page with another protection for a moment: the huge entry becomes 512 small ones, the huge page stays. Smaller sizes
// have small entries anyway.
static uint8_t *map_by_small_entries(int node, uint64_t seed) {
  uint8_t *memory = map_huge(node, seed);
  if (!memory) return NULL;
  if (mprotect(memory + PAGE, PAGE, PROT_READ) || mprotect(memory + PAGE, PAGE, PROT_READ | PROT_WRITE)) {
    diagnose("mprotect: %s", strerror(errno));
    return NULL;
  }
  return mapped_whole(memory) == 0 ? memory : NULL;
}

static enum outcome mapped_by_small_entries(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  struct pages pages;
  uint8_t *memory = map_by_small_entries(machine->from, seed);
  int status;
  CHECK(memory, "no huge page with small entries");
  CHECK(read_pages(memory, &pages) && is_compound(&pages, machine->from), "split too early");
  long left = move_one(0, memory + 5 * PAGE, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  CHECK(read_pages(memory, &pages) && is_compound(&pages, machine->to), "after the move");
  CHECK(is_intact(memory, seed), "contents");
  return PASS;
}

// A second move finds the huge page as whole as the first: nothing was unmapped in between.
static enum outcome moves_again(const struct machine *machine, bool is_refused_first) {
  uint64_t seed = fresh_seed();
  struct pages pages;
  uint8_t *memory = map_by_small_entries(machine->from, seed);
  int status, pipe[2], target = is_refused_first ? machine->to : machine->from;
  long left;
  CHECK(memory, "no huge page with small entries");
  say_partly_mapped("before");
  if (is_refused_first) {
    CHECK(pin(memory + 100 * PAGE, pipe), "no pin");
    left = move_one(0, memory + 100 * PAGE, machine->to, MPOL_MF_MOVE, &status);
    unpin(pipe);
    CHECK(left == 1, "result %ld, status %d", left, status);
  } else {
    left = move_huge(0, memory, 0, machine->to, MPOL_MF_MOVE, &status);
    CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  }
  CHECK(read_pages(memory, &pages) && is_compound(&pages, is_refused_first ? machine->from : machine->to), "at first");
  say_partly_mapped("after the first call");
  left = move_huge(0, memory, 0, target, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == target, "result %ld, status %d", left, status);
  CHECK(read_pages(memory, &pages) && is_intact(memory, seed), "contents");
  CHECK(is_compound(&pages, target), "the second move has split it");
  return PASS;
}

static enum outcome moved_again(void *context) { return moves_again(context, false); }
static enum outcome moved_after_refusal(void *context) { return moves_again(context, true); }

static enum outcome refused_node(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  struct pages before, after;
  uint8_t *memory = map_huge(machine->from, seed);
  int status;
  CHECK(memory && read_pages(memory, &before), "no huge page");
  long left = move_one(0, memory, 63, MPOL_MF_MOVE, &status);
  CHECK(left == -1 && errno == ENODEV, "result %ld: %s", left, strerror(errno));
  CHECK(is_whole(memory, machine->from, seed) && read_pages(memory, &after), "after the refusal");
  CHECK(before.frame[0] == after.frame[0], "it moved all the same");
  return PASS;
}

// A reference that nobody can take away: the page stays where it is, whole, until the reference goes.
static enum outcome pinned(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  struct pages before, after;
  uint8_t *memory = map_huge(machine->from, seed);
  int status, pipe[2];
  CHECK(memory && read_pages(memory, &before) && pin(memory + 100 * PAGE, pipe), "no pinned huge page");
  long left = move_one(0, memory + 100 * PAGE, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 1, "result %ld, status %d", left, status);
  CHECK(is_whole(memory, machine->from, seed) && read_pages(memory, &after), "while pinned");
  CHECK(before.frame[0] == after.frame[0], "it moved all the same");
  unpin(pipe);
  left = move_huge(0, memory, 100, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  // Whether smaller sizes stay whole now is a subtest of its own.
  CHECK(huge_order() == HUGE_ORDER ? is_whole(memory, machine->to, seed) : is_intact(memory, seed),
        "after the pin was gone");
  return PASS;
}

const struct subtest move_subtests[] = {
    {"move-pages", by_head},
    {"move-pages-by-tail", by_tail},
    {"move-pages-by-every-address", by_every_address},
    {"move-pages-of-another-process", of_another_process},
    {"mbind", by_mbind},
    {"migrate-pages", by_migrate_pages},
    {"locked", locked},
    {"mapped-by-small-entries", mapped_by_small_entries},
    {"moved-again", moved_again},
    {"moved-after-refusal", moved_after_refusal},
    {"node-without-memory-refused", refused_node},
    {"pinned-refused", pinned},
    {0},
};
