// SPDX-License-Identifier: Apache-2.0
// The boot that the guest has behind it, from the kernel's log and from /proc. Its times are microseconds of the guest's clock, which
// are 1000 instructions each where the clock counts these.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { RECORD = 8192, MOST_CALLS = 8192, NAME = 64, DEAREST = 10, LEAST_CALLS = 100 };

struct call {
  char name[NAME];
  uint64_t microseconds;
};

struct boot {
  uint64_t to_init;      // microseconds, when the first program was started; 0: not found
  uint64_t total;        // KiB of memory, kernel and all
  size_t begun, ended;   // initcalls, one after the other
  uint64_t unlike;       // ends that are not of the call that has begun
  struct call calls[MOST_CALLS];
};
static struct boot boot;

static void begin_call(uint64_t microseconds, const char *text) {
  struct call *call = &boot.calls[boot.begun++];
  snprintf(call->name, sizeof call->name, "%.*s", (int)strcspn(text, "+ "), text);
  call->microseconds = microseconds;
}

// What the line itself says, "after 12 usecs", is by a clock that ticks every 4 ms at first; the log's is exact.
static void end_call(uint64_t microseconds, const char *text) {
  struct call *call = &boot.calls[boot.ended++];
  size_t length = strlen(call->name);
  boot.unlike += strncmp(call->name, text, length) != 0 || !strchr("+ ", text[length]);
  call->microseconds = microseconds - call->microseconds;
}

static void note(uint64_t microseconds, const char *text) {
  const char *total;
  if (strncmp(text, "Memory: ", 8) == 0 && (total = strchr(text, '/'))) boot.total = strtoull(total + 1, NULL, 10);
  if (strncmp(text, "Run /", 5) == 0 && strstr(text, " as init process")) boot.to_init = microseconds;
  if (strncmp(text, "calling  ", 9) == 0 && boot.begun < MOST_CALLS) begin_call(microseconds, text + 9);
  if (strncmp(text, "initcall ", 9) == 0 && strstr(text, " returned ") && boot.ended < boot.begun)
    end_call(microseconds, text + 9);
}

// Each record begins "PRIORITY,SEQUENCE,MICROSECONDS,…;". The kernel's own have facility 0: a priority below 8.
static enum outcome read_log(void) {
  static char record[RECORD];
  uint64_t expected = 0;
  int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  CHECK(log >= 0, "/dev/kmsg: %s", strerror(errno));
  for (;;) {
    unsigned priority;
    unsigned long long sequence, microseconds;
    ssize_t length = read(log, record, sizeof record - 1);
    CHECK(length > 0 || errno == EAGAIN, "/dev/kmsg: %s", strerror(errno));
    if (length < 0) break;
    record[length] = 0;
    char *text = strchr(record, ';');
    CHECK(text && sscanf(record, "%u,%llu,%llu,", &priority, &sequence, &microseconds) == 3, "%.60s", record);
    if (boot.to_init) break;
    CHECK(sequence == expected++, "the log has lost records before %llu", sequence);
    if (priority < 8) note(microseconds, text + 1);
  }
  close(log);
  CHECK(boot.to_init, "the log does not say when the first program was started");
  return PASS;
}

static void report_time(const struct row *row, uint64_t microseconds) {
  metric(row->subtest.name, (double)microseconds * (is_counting() ? 1000 : 1), is_counting() ? "instructions" : "us", "lower");
}

static enum outcome starting(void *context) {
  TRY(read_log());
  report_time(context, boot.to_init);
  return PASS;
}

static long meminfo(const char *field) {
  char line[128];
  long value = -1;
  size_t length = strlen(field);
  FILE *stream = fopen("/proc/meminfo", "re");
  while (stream && value < 0 && fgets(line, sizeof line, stream))
    if (strncmp(line, field, length) == 0 && line[length] == ':') value = strtol(line + length + 1, NULL, 10);
  if (stream) fclose(stream);
  return value;
}

// What the kernel never gave away: itself, its map of all pages, and what it reserved.
static enum outcome keeping(void *context) {
  const struct row *row = context;
  TRY(read_log());
  long usable = meminfo("MemTotal");
  CHECK(usable > 0 && boot.total > (uint64_t)usable, "%llu KiB, usable are %ld KiB", (unsigned long long)boot.total, usable);
  metric(row->subtest.name, (double)(boot.total - (uint64_t)usable), "KiB", "lower");
  return PASS;
}

// What the kernel has taken for its own objects so far.
static enum outcome using(void *context) {
  const struct row *row = context;
  static const char *const fields[] = {"Slab", "KernelStack", "PageTables", "Percpu"};
  long sum = 0;
  for (size_t index = 0; index < sizeof fields / sizeof *fields; index++) {
    long value = meminfo(fields[index]);
    CHECK(value > 0, "/proc/meminfo has no %s", fields[index]);
    diagnose("%s: %ld KiB", fields[index], value);
    sum += value;
  }
  metric(row->subtest.name, (double)sum, "KiB", "lower");
  return PASS;
}

static int by_cost(const void *one, const void *other) {
  const struct call *a = one, *b = other;
  return a->microseconds == b->microseconds ? strcmp(a->name, b->name) : a->microseconds < b->microseconds ? 1 : -1;
}

static enum outcome calling(void *context) {
  uint64_t sum = 0;
  TRY(read_log());
  if (!boot.begun) return skip("boot with initcall_debug");
  CHECK(boot.ended == boot.begun && boot.ended >= LEAST_CALLS, "%zu initcalls began, %zu ended", boot.begun, boot.ended);
  CHECK(!boot.unlike, "%llu ended while another ran", (unsigned long long)boot.unlike);
  for (size_t index = 0; index < boot.ended; index++) sum += boot.calls[index].microseconds;
  CHECK(sum < boot.to_init, "%llu us in initcalls, %llu us to init", (unsigned long long)sum, (unsigned long long)boot.to_init);
  qsort(boot.calls, boot.ended, sizeof *boot.calls, by_cost);
  for (size_t index = 0; index < DEAREST; index++)
    diagnose("%s: %llu us", boot.calls[index].name, (unsigned long long)boot.calls[index].microseconds);
  diagnose("%zu initcalls", boot.ended);
  report_time(context, sum);
  return PASS;
}

const struct row boot_rows[] = {
    {{"boot-to-init", starting}, "boot", SMALL, 0},
    {{"boot-reserved", keeping}, "boot", SMALL, 0},
    {{"boot-used", using}, "boot", SMALL, 0},
    {{"boot-initcalls", calling}, "initcalls", SMALL, 0},
};
const size_t boot_count = sizeof boot_rows / sizeof *boot_rows;
