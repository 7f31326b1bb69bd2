// SPDX-License-Identifier: Apache-2.0
// The cases of examples/nights: proc-cases CASE. Each prints one subtest as KTAP.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { READS = 200 };

static char text[65536];

// Reads a file from its beginning; returns false if it cannot be opened.
static int read_file(const char *path) {
  size_t length = 0;
  ssize_t count;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  while (length < sizeof text - 1 && (count = read(file, text + length, sizeof text - 1 - length)) > 0)
    length += (size_t)count;
  text[length] = 0;
  close(file);
  return 1;
}

static const char *memory(void) {
  const size_t size = 16 << 20;
  char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return "not ok 1 memory";
  for (size_t at = 0; at < size; at += 4096)
    if (pages[at]) return "not ok 1 memory";
  memset(pages, 1, size);
  return munmap(pages, size) == 0 ? "ok 1 memory" : "not ok 1 memory";
}

// Fails in one run of five, on every kernel.
static const char *coin(void) {
  unsigned value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) return "not ok 1 coin";
  return value % 5 ? "ok 1 coin" : "not ok 1 coin";
}

static const char *softirqs(void) {
  if (!read_file("/proc/softirqs")) return "ok 1 softirqs # SKIP there is no /proc/softirqs";
  return strstr(text, "TIMER") ? "ok 1 softirqs" : "not ok 1 softirqs";
}

static const char *devices(void) {
  return read_file("/proc/devices") && strstr(text, " mem\n") ? "ok 1 devices" : "not ok 1 devices";
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

// The least of the reads: an interrupt only adds.
static const char *load(void) {
  double least = 1e9;
  for (int number = 0; number < READS; number++) {
    const double begin = microseconds();
    if (!read_file("/proc/loadavg")) return "not ok 1 load";
    const double taken = microseconds() - begin;
    if (taken < least) least = taken;
  }
  printf("# metric loadavg %.3f us lower\n", least);
  return "ok 1 load";
}

int main(int count, char **arguments) {
  static const struct {
    const char *name;
    const char *(*body)(void);
  } cases[] = {{"memory", memory}, {"coin", coin}, {"softirqs", softirqs}, {"devices", devices}, {"load", load}};
  for (size_t place = 0; count == 2 && place < sizeof cases / sizeof *cases; place++) {
    if (strcmp(arguments[1], cases[place].name)) continue;
    puts("KTAP version 1\n1..1");
    puts(cases[place].body());
    return 0;
  }
  fputs("give one of memory, coin, softirqs, devices and load\n", stderr);
  return 2;
}
