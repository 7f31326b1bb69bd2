// SPDX-License-Identifier: Apache-2.0
// thp-migrate-bench: how long move_pages(2) takes for one page of 4 KiB, one huge page, and 512 pages of 4 KiB.
//
//   thp-migrate-bench [--rounds N]      N: 3 to 9999, default 105
//
// KTAP on standard output, medians as "# metric NAME VALUE UNIT lower|higher", of five parts where there are rounds
// enough: five samples have a spread. A round counts only when the call said
// that it moved all, the pages are found on the other node, and they are other page frames than before.
// Exit code: 0, 1 when a round moved nothing or not all, 64 usage.
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "thp.h"

enum { MOST_ROUNDS = 9999, WARM_UP = 5, PARTS = 5, LEAST_PART = 5 };

struct bench {
  struct machine machine;
  size_t rounds;
};

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int by_size(const void *one, const void *other) {
  int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
  return (a > b) - (a < b);
}

// Moves `count` addresses to the node; the time it took (ns), or -1 after saying what was not moved.
static int64_t timed_move(void **addresses, int count, int node) {
  int nodes[PAGES], status[PAGES];
  struct pages before, after;
  for (int index = 0; index < count; index++) nodes[index] = node, status[index] = -1000;
  if (!read_pages(addresses[0], &before)) return -1;
  int64_t start = nanoseconds();
  long left = move_pages(0, (unsigned long)count, addresses, nodes, status, MPOL_MF_MOVE);
  int64_t took = nanoseconds() - start;
  if (left) diagnose("move_pages: %ld, %s", left, left < 0 ? strerror(errno) : "not moved");
  if (left || !read_pages(addresses[0], &after)) return -1;
  for (int index = 0; index < count; index++) {
    if (status[index] == node && after.node[index] == node && before.frame[index] != after.frame[index]) continue;
    diagnose("page %d: status %d, on node %d, frame %#" PRIx64 " before and %#" PRIx64 " after", index, status[index],
             after.node[index], before.frame[index], after.frame[index]);
    return -1;
  }
  return took;
}

static double median(int64_t *times, size_t count) {
  qsort(times, count, sizeof *times, by_size);
  return (double)times[count / 2];
}

static void report(const char *name, size_t bytes, int64_t *times, size_t rounds) {
  size_t parts = rounds >= PARTS * LEAST_PART ? PARTS : 1, part = rounds / parts;
  for (size_t index = 0; index < parts; index++) {
    double middle = median(times + index * part, part);
    diagnose("metric %s %.2f us lower", name, middle / 1e3);
    diagnose("metric %s-rate %.6f GB/s higher", name, (double)bytes / middle);
  }
  double middle = median(times, rounds);
  diagnose("%s: %zu rounds, least %.2f us, a tenth under %.2f us, half under %.2f us, a tenth over %.2f us", name,
           rounds, (double)times[0] / 1e3, (double)times[rounds / 10] / 1e3, middle / 1e3,
           (double)times[rounds - 1 - rounds / 10] / 1e3);
}

static enum outcome run(const struct bench *bench, const char *name, bool huge, int count) {
  static int64_t times[MOST_ROUNDS];
  const int nodes[2] = {bench->machine.from, bench->machine.to};
  uint64_t seed = fresh_seed();
  void *addresses[PAGES];
  size_t bytes = huge ? HUGE : (size_t)count * PAGE;
  uint8_t *memory = huge ? map_huge(nodes[0], seed) : map_small(nodes[0], seed);
  CHECK(memory, "no pages on node %d", nodes[0]);
  for (int page = 0; page < count; page++) addresses[page] = memory + (size_t)page * PAGE;
  for (size_t round = 0; round < WARM_UP + bench->rounds; round++) {
    int64_t took = timed_move(addresses, count, nodes[(round + 1) % 2]);
    CHECK(took > 0, "round %zu", round);
    if (huge) CHECK(mapped_whole(memory) == HUGE, "round %zu: no longer a huge page", round);
    if (round >= WARM_UP) times[round - WARM_UP] = took;
  }
  CHECK(is_intact(memory, seed), "contents");
  if (huge) CHECK(is_whole(memory, nodes[(WARM_UP + bench->rounds) % 2], seed), "no longer a huge page");
  report(name, bytes, times, bench->rounds);
  return PASS;
}

static enum outcome small_page(void *context) { return run(context, "page-4k", false, 1); }
static enum outcome huge_page(void *context) { return run(context, "thp-2m", true, 1); }
static enum outcome small_pages(void *context) { return run(context, "pages-512x4k", false, PAGES); }

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: thp-migrate-bench [--rounds N]   (3 to %d)\n", MOST_ROUNDS);
  exit(64);
}

int main(int argc, char *argv[]) {
  static const struct option options[] = {{"rounds", required_argument, NULL, 'r'}, {0}};
  static const struct subtest subtests[] = {
      {"page-4k", small_page}, {"thp-2m", huge_page}, {"pages-512x4k", small_pages}};
  struct bench bench = {.rounds = 105};
  bool good = true;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    char *end;
    if (option != 'r') usage();
    bench.rounds = strtoul(optarg, &end, 10);
    if (*end || bench.rounds < 3 || bench.rounds > MOST_ROUNDS) usage();
  }
  if (optind < argc) usage();
  ktap_begin(3);
  if (!find_nodes(&bench.machine)) {
    ktap_bail_out("fewer than two NUMA nodes with memory");
    return 1;
  }
  for (int index = 0; index < 3; index++) good &= ktap_run(&subtests[index], &bench, 600) != FAIL;
  return good ? 0 : 1;
}
