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

enum { PIPES = 256, PIPE_BYTES = 256 * PAGE, MOST_HUGE = 256 };

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
  static uint8_t held[1 << 21];  // one bit for 2 MiB of up to 32 TiB
  memset(held, 0, sizeof held);
  unsigned blocks = 0;
  struct pages pages;
  for (size_t at = 0; at < bytes; at += HUGE) {
    if (!read_pages(memory + at, &pages)) return false;
    for (size_t page = 0; page < PAGES; page++) {
      uint64_t block = pages.frame[page] / PAGES;
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
  diagnose("node %d: one page of each of %u times 2 MiB is held", node, blocks);
  return blocks > 0;
}

// The huge pages that the node kept back; the first that cannot be had is the proof.
static bool take_huge_pages(int node) {
  struct pages pages;
  for (int count = 0; count < MOST_HUGE; count++) {
    uint8_t *memory = taken[count] = map_empty(PROT_READ | PROT_WRITE);
    if (!memory || madvise(memory, HUGE, MADV_HUGEPAGE) || bind_memory(memory, HUGE, MPOL_BIND, node, 0)) return false;
    memory[0] = 1;
    if (!read_pages(memory, &pages)) return false;
    if (pages.flags[0] >> KPF_THP & 1) continue;
    diagnose("node %d: %d more huge pages taken, %" PRIu64 " MiB free", node, count, free_bytes(node) >> 20);
    return free_bytes(node) > 8UL * HUGE;
  }
  diagnose("node %d still has huge pages", node);
  return false;
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
