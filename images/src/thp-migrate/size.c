// SPDX-License-Identifier: Apache-2.0
// Huge pages of one size only. Kernel doc: Documentation/admin-guide/mm/transhuge.rst.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "thp.h"

#define THP "/sys/kernel/mm/transparent_hugepage"
enum { WORD = 16 };

static int order = HUGE_ORDER;
static bool is_saved;
// What was chosen, by order; empty where the kernel does not have the file.
static struct choice {
  char enabled[WORD], shmem_enabled[WORD];
} saved[HUGE_ORDER + 1];

int huge_order(void) { return order; }
int huge_pages(void) { return 1 << order; }

static void path_of(int size, const char *name, char *path, size_t room) {
  snprintf(path, room, THP "/hugepages-%dkB/%s", PAGE / 1024 << size, name);
}

static bool put(int size, const char *name, const char *value) {
  char path[128];
  path_of(size, name, path, sizeof path);
  return write_text(path, value);
}

// "always inherit [madvise] never": the word in brackets.
static void get(int size, const char *name, char word[WORD]) {
  char path[128], text[128], *end;
  path_of(size, name, path, sizeof path);
  char *start = read_text(path, text, sizeof text) ? strchr(text, '[') : NULL;
  if (!start || !(end = strchr(start, ']'))) return;
  *end = 0;
  snprintf(word, WORD, "%s", start + 1);
}

void save_sizes(void) {
  is_saved = true;
  for (int size = LEAST_SHARED_ORDER; size <= HUGE_ORDER; size++) {
    get(size, "enabled", saved[size].enabled);
    get(size, "shmem_enabled", saved[size].shmem_enabled);
  }
}

void restore_sizes(void) {
  for (int size = LEAST_SHARED_ORDER; is_saved && size <= HUGE_ORDER; size++) {
    if (saved[size].enabled[0]) put(size, "enabled", saved[size].enabled);
    if (saved[size].shmem_enabled[0]) put(size, "shmem_enabled", saved[size].shmem_enabled);
  }
}

enum outcome offer_size(int wanted, bool is_shared) {
  const char *name = is_shared ? "shmem_enabled" : "enabled", *value = is_shared ? "advise" : "madvise";
  char path[128];
  path_of(wanted, name, path, sizeof path);
  if (access(path, F_OK)) return skip("the kernel has no %spages of %d KiB", is_shared ? "shared " : "", PAGE / 1024 << wanted);
  for (int size = LEAST_SHARED_ORDER; size <= HUGE_ORDER; size++) {
    if (size == wanted) continue;
    if (saved[size].enabled[0]) CHECK(put(size, "enabled", "never"), "%d KiB: %s", PAGE / 1024 << size, strerror(errno));
    if (saved[size].shmem_enabled[0])
      CHECK(put(size, "shmem_enabled", "never"), "%d KiB: %s", PAGE / 1024 << size, strerror(errno));
  }
  CHECK(put(wanted, name, value), "%d KiB: %s", PAGE / 1024 << wanted, strerror(errno));
  order = wanted;
  return PASS;
}

static uint64_t counter(const char *name) {
  char path[128], file[64], text[64];
  snprintf(file, sizeof file, "stats/%s", name);
  path_of(order, file, path, sizeof path);
  return read_text(path, text, sizeof text) ? strtoull(text, NULL, 10) : UINT64_MAX;
}

bool count_splits(uint64_t *splits) {
  if (order == HUGE_ORDER) return vmstat("thp_migration_split", splits);
  *splits = counter("split");
  return true;
}

bool splits_grew(uint64_t before, bool is_split) {
  uint64_t now;
  if (!count_splits(&now)) return false;
  if (now == UINT64_MAX || (is_split ? now > before : now == before)) return true;
  diagnose("splits of pages of %d KiB: %" PRIu64 " more", PAGE / 1024 << order, now - before);
  return false;
}

void say_partly_mapped(const char *when) {
  uint64_t count = counter("nr_anon_partially_mapped");
  if (count != UINT64_MAX) diagnose("%s, the kernel takes %" PRIu64 " pages for partly mapped", when, count);
}
