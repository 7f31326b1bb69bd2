// SPDX-License-Identifier: Apache-2.0
// Where the target node has no huge page to give, the page is split and its pieces move: nothing is lost or stays.
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "fragment.h"
#include "thp.h"

static long by_move_pages(uint8_t *memory, const struct machine *machine) {
  int status;
  long left = move_huge(0, memory, 0, machine->to, MPOL_MF_MOVE, &status);
  if (left == 0 && status != machine->to) diagnose("status %d", status);
  return left ? left : status == machine->to ? 0 : -1;
}

static long by_mbind(uint8_t *memory, const struct machine *machine) {
  return bind_memory(memory, HUGE, MPOL_BIND, machine->to, MPOL_MF_MOVE | MPOL_MF_STRICT);
}

// How often a node that found room after all is filled anew.
#define TRIES 3

// Moves a page to a node that has no page of its size. *whole_left gets how many pages have moved whole, -1 for an error.
static uint8_t *move_to_full_node(
    const struct machine *machine, long (*move)(uint8_t *, const struct machine *), uint64_t seed, uint64_t *splits,
    int *whole_left) {
  *whole_left = -1;
  for (int try = 1;; try++) {
    struct pages pages;
    uint8_t *memory = map_huge(machine->from, seed);
    if (!memory || !fragment_node(machine->to)) {
      diagnose("node %d still has huge pages", machine->to);
      return NULL;
    }
    if (!is_whole(memory, machine->from, seed) || !count_splits(splits)) return NULL;
    long left = move(memory, machine);
    if (left) {
      diagnose("result %ld: %s", left, strerror(errno));
      return NULL;
    }
    if (!read_pages(memory, &pages)) return NULL;
    *whole_left = PAGES / huge_pages() - broken_up(&pages, machine->to);
    diagnose("%d of %d moved whole", *whole_left, PAGES / huge_pages());
    // 2 MiB in pieces of 16 KiB are little: on a slow machine the kernel itself may have freed as much meanwhile.
    bool had_room = huge_order() != HUGE_ORDER && *whole_left == PAGES / huge_pages();
    if (!had_room || try == TRIES) return memory;
    diagnose("node %d had room for all of it; it is filled again", machine->to);
    release_node();
    munmap(memory, HUGE);
  }
}

static enum outcome split_by(const struct machine *machine, long (*move)(uint8_t *, const struct machine *)) {
  uint64_t seed = fresh_seed(), splits;
  int whole_left;
  uint8_t *memory = move_to_full_node(machine, move, seed, &splits, &whole_left);
  CHECK(memory, "the move to a full node");
  // Of many smaller pages, one or the other may still find room: what the kernel itself has freed meanwhile.
  CHECK(huge_order() == HUGE_ORDER ? whole_left == 0 : whole_left < PAGES / huge_pages(), "after the move");
  CHECK(mapped_whole(memory) == 0 && is_intact(memory, seed), "after the move");
  CHECK(splits_grew(splits, true), "counter");
  // The same once more, with room: it was the missing huge page that split the first.
  release_node();
  uint8_t *other = map_huge(machine->from, seed);
  CHECK(other, "no huge page");
  long left = move(other, machine);
  CHECK(left == 0 && is_whole(other, machine->to, seed), "with huge pages free: result %ld", left);
  return PASS;
}

static enum outcome split_by_move_pages(void *context) { return split_by(context, by_move_pages); }
static enum outcome split_by_mbind(void *context) { return split_by(context, by_mbind); }

const struct subtest split_subtests[] = {
    {"split-by-move-pages", split_by_move_pages},
    {"split-by-mbind", split_by_mbind},
    {0},
};
