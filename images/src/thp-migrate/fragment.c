// SPDX-License-Identifier: Apache-2.0
#include "fragment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "thp.h"

enum { PIPES = 256, PIPE_BYTES = 256 * PAGE, MOST_HUGE = 256, COSTLY_ORDER = 3, MISSES = 3 };

static int pipes[PIPES][2], used;
static uint8_t *taken[MOST_HUGE];

static uint64_t free_bytes(int node) {
  char path[64], line[128];
  uint64_t kilobytes = 0;
  snprintf(path, sizeof path, "/sys/devices/system/node/node%d/meminfo", node);
  FILE *lines = fopen(path, "r");
  while (lines && fgets(line, sizeof line, lines))
    if (sscanf(line, "Node %*d MemFree: %" SCNu64 " kB", &kilobytes) == 1) break;
  if (lines) fclose(lines);
  return kilobytes * 1024;
}

// A reference like that of pin(), hundreds of them a pipe.
static bool hold(const uint8_t *page) {
  struct iovec part = {.iov_base = (void *)page, .iov_len = PAGE};
  if (used && vmsplice(pipes[used - 1][1], &part, 1, SPLICE_F_NONBLOCK) == PAGE) return true;
  if (used == PIPES || pipe2(pipes[used], O_CLOEXEC)) return false;
  fcntl(pipes[used][1], F_SETPIPE_SZ, PIPE_BYTES);
  return vmsplice(pipes[used++][1], &part, 1, SPLICE_F_NONBLOCK) == PAGE;
}

// Small pages until the node gives no more; what then comes from another node is only noise.
static size_t take_all(uint8_t *memory, size_t bytes, int node) {
  size_t done = 0;
  while (done < bytes) {
    void *last = memory + done + HUGE - PAGE;
    int where = -1;
    for (size_t page = 0; page < PAGES; page++) memory[done + page * PAGE] = 1;
    done += HUGE;
    if (move_pages(0, 1, &last, NULL, &where, 0) || where != node) break;
  }
  return done;
}

static bool hold_one_of_each(const uint8_t *memory, size_t bytes, int node) {
  static uint8_t held[1 << 21];  // one bit for 16 KiB of up to 256 GiB, or for 2 MiB of up to 32 TiB
  memset(held, 0, sizeof held);
  unsigned blocks = 0;
  struct pages pages;
  for (size_t at = 0; at < bytes; at += HUGE) {
    if (!read_pages(memory + at, &pages)) return false;
    for (size_t page = 0; page < PAGES; page++) {
      uint64_t block = pages.frame[page] / (unsigned)huge_pages();
      if (!pages.frame[page] || pages.node[page] != node || block / 8 >= sizeof held) continue;
      if (held[block / 8] >> block % 8 & 1) continue;
      if (!hold(memory + at + page * PAGE)) {
        diagnose("vmsplice: %s", strerror(errno));
        return false;
      }
      held[block / 8] |= (uint8_t)(1 << block % 8);
      blocks++;
    }
  }
  diagnose("node %d: one page of each of %u times %d KiB is held", node, blocks, PAGE / 1024 << huge_order());
  return blocks > 0;
}

// Takes huge pages until there is one that cannot be had; the memory has 2 MiB.
static bool is_last(uint8_t *memory) {
  struct pages pages;
  for (int page = 0; page < PAGES; page += huge_pages()) {
    memory[(size_t)page * PAGE] = 1;
    if (!read_pages(memory, &pages) || !(pages.flags[page] >> KPF_COMPOUND_HEAD & 1)) return true;
  }
  return false;
}

// The huge pages that the node kept back; the first that cannot be had is the proof.
static bool take_rest(int node) {
  int misses = 0;  // in a row: lists of other processors may still give some back
  for (int count = 0; count < MOST_HUGE; count++) {
    uint8_t *memory = taken[count] = map_empty(PROT_READ | PROT_WRITE);
    if (!memory || madvise(memory, HUGE, MADV_HUGEPAGE) || bind_memory(memory, HUGE, MPOL_BIND, node, 0)) return false;
    misses = is_last(memory) ? misses + 1 : 0;
    if (misses < MISSES) continue;
    diagnose("node %d: %d times 2 MiB more of huge pages taken, %" PRIu64 " MiB free", node, count, free_bytes(node) >> 20);
    return free_bytes(node) > 8UL * HUGE;
  }
  diagnose("node %d still has huge pages", node);
  return false;
}

static bool take_huge_pages(int node) {
  if (huge_order() > COSTLY_ORDER) return take_rest(node);
  // Without defragmentation: for pages of up to 32 KiB the kernel would rather kill a process than do without.
  static const char defrag[] = "/sys/kernel/mm/transparent_hugepage/defrag";
  char text[128], *start, *end;
  if (!read_text(defrag, text, sizeof text) || !(start = strchr(text, '[')) || !(end = strchr(start, ']'))) return false;
  *end = 0;
  if (!write_text(defrag, "never")) return false;
  bool good = take_rest(node);
  return write_text(defrag, start + 1) && good;
}

bool fragment_node(int node) {
  size_t bytes = (free_bytes(node) / HUGE + 16) * HUGE;
  uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || madvise(memory, bytes, MADV_NOHUGEPAGE) ||
      bind_memory(memory, bytes, MPOL_PREFERRED, node, 0)) {
    diagnose("%zu bytes to fill node %d: %s", bytes, node, strerror(errno));
    return false;
  }
  size_t filled = take_all(memory, bytes, node);
  bool good = hold_one_of_each(memory, filled, node);
  munmap(memory, bytes);
  return good && take_huge_pages(node);
}

void release_node(void) {
  while (used) unpin(pipes[--used]);
  for (int count = 0; count < MOST_HUGE && taken[count]; count++) {
    munmap(taken[count], HUGE);
    taken[count] = NULL;
  }
}
