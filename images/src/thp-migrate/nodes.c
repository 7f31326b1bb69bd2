// SPDX-License-Identifier: Apache-2.0
// NUMA nodes and the system calls that move memory between them, without libnuma.
#include <linux/mempolicy.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "thp.h"

// A list such as "0-1,3": its first two numbers.
bool find_nodes(struct machine *machine) {
  char text[256];
  if (!read_text("/sys/devices/system/node/has_memory", text, sizeof text)) return false;
  int found = 0;
  for (char *rest = text; *rest && found < 2;) {
    long first = strtol(rest, &rest, 10), last = first;
    if (*rest == '-') last = strtol(rest + 1, &rest, 10);
    for (long node = first; node <= last && found < 2; node++)
      *(found++ ? &machine->to : &machine->from) = (int)node;
    if (*rest == ',') rest++;
  }
  return found == 2;
}

long move_pages(pid_t pid, unsigned long count, void **pages, const int *nodes, int *status, int flags) {
  return syscall(SYS_move_pages, pid, count, pages, nodes, status, flags);
}

long migrate_pages(pid_t pid, int from, int to) {
  unsigned long old = 1UL << from, new = 1UL << to;
  return syscall(SYS_migrate_pages, pid, 8 * sizeof old, &old, &new);
}

long bind_memory(void *memory, size_t bytes, int policy, int node, unsigned flags) {
  unsigned long mask = policy == MPOL_DEFAULT ? 0 : 1UL << node;
  return syscall(SYS_mbind, memory, bytes, policy, &mask, 8 * sizeof mask, flags);
}

long move_huge(pid_t pid, void *memory, int offset, int node, int flags, int *status) {
  void *addresses[PAGES];
  int nodes[PAGES], all[PAGES], count = 0;
  for (int page = 0; page < PAGES; page += huge_pages(), count++) {
    addresses[count] = (uint8_t *)memory + (size_t)(page + offset % huge_pages()) * PAGE;
    nodes[count] = node;
    all[count] = -1000;
  }
  long left = move_pages(pid, (unsigned long)count, addresses, nodes, all, flags);
  *status = all[0];
  for (int index = 1; index < count && *status == all[0]; index++) *status = all[index];
  return left;
}

long move_one(pid_t pid, void *address, int node, int flags, int *status) {
  *status = -1000;  // no errno: what the kernel did not write must not look like an answer
  return move_pages(pid, 1, &address, &node, status, flags);
}
