// SPDX-License-Identifier: Apache-2.0
// /proc/self/pagemap, /proc/kpageflags, /proc/self/smaps and move_pages as a question.
// Kernel doc: Documentation/admin-guide/mm/pagemap.rst.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "thp.h"

// Opened anew each time: a child of fork must not read its parent's page table.
static bool read_at(const char *path, void *values, size_t bytes, uint64_t offset) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = file < 0 ? -1 : pread(file, values, bytes, (off_t)offset);
  if (got != (ssize_t)bytes) diagnose("%s at %" PRIu64 ": %s", path, offset, got < 0 ? strerror(errno) : "too short");
  if (file >= 0) close(file);
  return got == (ssize_t)bytes;
}

// Frames that follow each other are asked for together: the usual case costs one call, not 512.
static bool read_flags(struct pages *pages) {
  for (int page = 0, next; page < PAGES; page = next) {
    next = page + 1;
    if (!pages->frame[page]) continue;
    while (next < PAGES && pages->frame[next] == pages->frame[next - 1] + 1) next++;
    size_t bytes = (size_t)(next - page) * sizeof *pages->flags;
    uint64_t offset = pages->frame[page] * sizeof *pages->flags;
    if (!read_at("/proc/kpageflags", &pages->flags[page], bytes, offset)) return false;
  }
  return true;
}

// Whether a page is on its way just now: it has a migration entry, which pagemap calls swapped, or had one a moment ago.
static bool is_moving(const struct pages *pages, const uint64_t *entries) {
  for (int page = 0; page < PAGES; page++) {
    if (entries[page] >> 62 & 1 && !(entries[page] >> 63)) return true;
    if (entries[page] >> 63 && pages->node[page] == -ENOENT) return true;
  }
  return false;
}

static bool read_once(const void *memory, struct pages *pages, uint64_t *entries) {
  void *addresses[PAGES];
  if (!read_at("/proc/self/pagemap", entries, PAGES * sizeof *entries, (uintptr_t)memory / PAGE * sizeof *entries))
    return false;
  for (int page = 0; page < PAGES; page++) {
    bool present = entries[page] >> 63;
    addresses[page] = (uint8_t *)memory + (size_t)page * PAGE;
    pages->frame[page] = present ? entries[page] & ((UINT64_C(1) << 55) - 1) : 0;
    pages->soft_dirty[page] = entries[page] >> 55 & 1;
    pages->flags[page] = 0;
  }
  if (!read_flags(pages)) return false;
  if (move_pages(0, PAGES, addresses, NULL, pages->node, 0)) {
    diagnose("move_pages as a question: %s", strerror(errno));
    return false;
  }
  return true;
}

bool read_pages(const void *memory, struct pages *pages) {
  uint64_t entries[PAGES];
  // Of a node that is nearly full, the kernel itself moves pages at any time. One that never arrives is seen all the same.
  for (int turn = 0; turn < 50; turn++) {
    if (turn) usleep(20 * 1000);
    if (!read_once(memory, pages, entries)) return false;
    if (!is_moving(pages, entries)) break;
  }
  return true;
}

long mapped_whole(const void *memory) {
  FILE *lines = fopen("/proc/self/smaps", "r");
  char line[512];
  bool ours = false, found = false;
  long total = 0;
  while (lines && fgets(line, sizeof line, lines)) {
    uintptr_t first, end;
    long kilobytes;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &first, &end) == 2) {
      ours = first == (uintptr_t)memory && end == first + HUGE;
      found |= ours;
    } else if (ours && (sscanf(line, "AnonHugePages: %ld kB", &kilobytes) == 1 ||
                        sscanf(line, "ShmemPmdMapped: %ld kB", &kilobytes) == 1)) {
      total += kilobytes * 1024;
    }
  }
  if (lines) fclose(lines);
  if (!found) diagnose("no entry of its own in smaps");
  return found ? total : -1;
}

// The kernel calls a page of shared memory a THP when it is on a list of pages to reclaim, or has 2 MiB.
static bool is_called_thp(uint64_t flags) {
  return flags >> KPF_THP & 1 || (huge_order() < HUGE_ORDER && !(flags >> KPF_ANON & 1));
}

bool is_compound(const struct pages *pages, int node) {
  for (int page = 0; page < PAGES; page++) {
    int part = page % huge_pages();
    uint64_t frame = pages->frame[page], head = pages->frame[page - part], flags = pages->flags[page];
    unsigned kind = part ? KPF_COMPOUND_TAIL : KPF_COMPOUND_HEAD;
    bool is_there = node == ANY_NODE ? pages->node[page] >= 0 : pages->node[page] == node;
    bool good = frame && frame == head + (unsigned)part && is_there && flags >> kind & 1 && is_called_thp(flags);
    if (good && (part || frame % (unsigned)huge_pages() == 0)) continue;
    diagnose("page %d: frame %#" PRIx64 " (head %#" PRIx64 "), flags %#" PRIx64 ", node %d, wanted: %s of a THP of %d KiB on %d",
             page, frame, head, flags, pages->node[page], part ? "tail" : "aligned head", PAGE / 1024 << huge_order(), node);
    return false;
  }
  return true;
}

int broken_up(const struct pages *pages, int node) {
  int split = 0;
  for (int page = 0; page < PAGES; page++) {
    int head = page - page % huge_pages();
    uint64_t flags = pages->flags[page];
    bool is_small = !((flags >> KPF_COMPOUND_HEAD | flags >> KPF_COMPOUND_TAIL | flags >> KPF_THP) & 1);
    // The first of these pages says whether they are one.
    bool is_whole = pages->flags[head] >> KPF_COMPOUND_HEAD & 1;
    bool is_part = pages->frame[page] == pages->frame[head] + (unsigned)(page - head) &&
                   flags >> (page == head ? KPF_COMPOUND_HEAD : KPF_COMPOUND_TAIL) & 1;
    if (!pages->frame[page] || pages->node[page] != node || (is_whole ? !is_part : !is_small)) {
      diagnose("page %d: frame %#" PRIx64 ", flags %#" PRIx64 ", node %d, wanted: %s on %d", page, pages->frame[page],
               flags, pages->node[page], is_whole ? "a part of a huge page" : "a small page", node);
      return -1;
    }
    split += page == head && !is_whole;
  }
  return split;
}

bool is_small(const struct pages *pages, int node) {
  int split = broken_up(pages, node), wanted = PAGES / huge_pages();
  if (split >= 0 && split < wanted) diagnose("%d of %d huge pages are whole", wanted - split, wanted);
  return split == wanted;
}

bool is_intact(const void *memory, uint64_t seed) {
  ssize_t wrong = difference(memory, HUGE, seed);
  if (wrong >= 0) diagnose("contents differ at %zd", wrong);
  return wrong < 0;
}

bool is_whole(const void *memory, int node, uint64_t seed) {
  struct pages pages;
  if (!read_pages(memory, &pages) || !is_compound(&pages, node)) return false;
  long whole = mapped_whole(memory), wanted = huge_order() == HUGE_ORDER ? HUGE : 0;
  if (whole != wanted) diagnose("%ld bytes are mapped by a huge entry, not %ld", whole, wanted);
  return whole == wanted && is_intact(memory, seed);
}
