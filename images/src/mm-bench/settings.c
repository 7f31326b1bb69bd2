// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define THP "/sys/kernel/mm/transparent_hugepage"
enum { LEAST_ORDER = 2 };

static size_t offered;

static bool put(const char *path, const char *value) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool written = write(file, value, strlen(value)) == (ssize_t)strlen(value);
  close(file);
  return written;
}

// What follows is for a machine of its own: it would change the settings of whoever tries the program at the desk.
static bool is_guest(void) {
  char init[64] = "";
  return readlink("/proc/1/exe", init, sizeof init - 1) > 0 && strcmp(init, "/init") == 0;
}

bool put_off_disturbances(void) {
  if (!is_guest()) {
    diagnose("the first process is not ktest's agent; this program runs in a guest only");
    return false;
  }
  struct sched_param priority = {.sched_priority = 1};
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  // A new process of the same priority waits, and the kernel's own threads run between two samples.
  put("/proc/sys/kernel/sched_rt_runtime_us", "-1");
  put("/proc/sys/kernel/numa_balancing", "0");
  put(THP "/khugepaged/scan_sleep_millisecs", "3600000");
  put(THP "/khugepaged/alloc_sleep_millisecs", "3600000");
  if (sched_setaffinity(0, sizeof first, &first) || sched_setscheduler(0, SCHED_FIFO, &priority)) {
    diagnose("cannot have the first processor alone: %s", strerror(errno));
    return false;
  }
  return true;
}

static bool put_order(size_t order, const char *value) {
  char path[128];
  snprintf(path, sizeof path, THP "/hugepages-%zukB/enabled", (size_t)(PAGE / 1024) << order);
  return put(path, value);
}

bool plain_huge_pages(void) {
  // Kernels before 6.8 have one size and no folder for it.
  for (size_t order = LEAST_ORDER; order < HUGE_ORDER; order++) put_order(order, "never");
  put_order(HUGE_ORDER, "inherit");
  put(THP "/defrag", "madvise");
  return put(THP "/enabled", "madvise");
}

enum outcome offer_order(size_t order) {
  if (!put_order(order, "always")) return skip("the kernel has no pages of %d KiB", (PAGE / 1024) << order);
  CHECK(put_order(HUGE_ORDER, "never"), "%s", strerror(errno));
  offered = order;
  return PASS;
}

size_t offered_order(void) { return offered; }

bool count_allocations(bool on) { return put("/proc/sys/vm/numa_stat", on ? "1" : "0"); }

void fix_page_lists(bool fixed) { put("/proc/sys/vm/percpu_pagelist_high_fraction", fixed ? "1000" : "0"); }

long node_hits(void) {
  char text[256] = "";
  int file = open("/sys/devices/system/node/node0/numastat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  long hits = -1;
  return length > 0 && sscanf(text, "numa_hit %ld", &hits) == 1 ? hits : -1;
}

bool has_two_nodes(void) {
  return access("/sys/devices/system/node/node0", F_OK) == 0 && access("/sys/devices/system/node/node1", F_OK) == 0;
}
