// SPDX-License-Identifier: Apache-2.0
// What a case leaves in its guest, and whether the next one finds it.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "selftest.h"

static const char pool_size[] = "/proc/sys/vm/nr_hugepages";
static const char left_file[] = "/left-behind";
enum { POOL = 4 };

static void set_pool(long pages) {
  FILE *file = fopen(pool_size, "w");
  if (!file || fprintf(file, "%ld\n", pages) < 0 || fclose(file)) give_up(pool_size);
}

static long pool(void) {
  FILE *file = fopen(pool_size, "r");
  long pages = -1;
  if (!file || fscanf(file, "%ld", &pages) != 1) give_up(pool_size);
  fclose(file);
  return pages;
}

// What a setup program does. A kernel without huge pages has none to fill.
static int fill_pool(void) {
  if (!access(pool_size, F_OK)) {
    set_pool(POOL);
    if (pool() != POOL) {
      fprintf(stderr, "selftest: the pool has %ld huge pages of %d\n", pool(), POOL);
      return 1;
    }
  }
  say_ok(1);
  return 0;
}

// Says whether somebody was here before, and leaves everything as nobody wants to find it.
static int spoil(void) {
  int is_full = pool() == POOL, is_clean = access(left_file, F_OK) != 0;
  printf("KTAP version 1\n1..2\n%s 1 pool-is-full\n%s 2 nothing-is-left\n", is_full ? "ok" : "not ok",
         is_clean ? "ok" : "not ok");
  fflush(stdout);
  set_pool(0);
  int file = open(left_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) give_up(left_file);
  close(file);
  return !is_full || !is_clean;
}

static int spoil_and_panic(void) {
  if (spoil()) return 1;
  panic_now();
}

const struct behaviour leaving_behaviours[] = {
    {"fill-pool", fill_pool}, {"spoil", spoil}, {"spoil-and-panic", spoil_and_panic}, {0}};
