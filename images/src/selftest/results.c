// SPDX-License-Identifier: Apache-2.0
// What a test can say of itself, true or not.
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "selftest.h"

static int pass(void) {
  say_ok(3);
  return 0;
}

static int fail(void) {
  printf("KTAP version 1\n1..3\nok 1 first\n# 7 is not 8\nnot ok 2 second\nok 3 third\n");
  return 1;
}

// The lie of a shell script around the real test: it exits with 0 whatever happened.
static int fail_exit_0(void) {
  fail();
  return 0;
}

static int skip(void) {
  printf("KTAP version 1\n1..0 # SKIP no such device here\n");
  return 4;
}

// kselftest's own summary counts these as passed.
static int all_skipped(void) {
  printf("KTAP version 1\n1..2\nok 1 first # SKIP no huge pages\nok 2 second # SKIP no huge pages\n");
  printf("# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:2 error:0\n");
  return 0;
}

static int missing(void) {
  printf("KTAP version 1\n1..5\nok 1 first\nok 2 second\n");
  return 0;
}

static int silent(void) { return 0; }

static int bail_out(void) {
  printf("KTAP version 1\n1..2\nok 1 first\nBail out! the device went away\n");
  return 1;
}

static int segfault(void) {
  volatile uintptr_t nowhere = 16;
  say_ok(1);
  *(volatile int *)nowhere = 1;
  return 0;
}

static int artefacts(void) {
  FILE *report = fopen("report.txt", "w");
  FILE *dump = fopen("memory.bin", "w");
  if (!report || !dump) give_up("create a file in the working directory");
  fputs("what the case found\n", report);
  // More than travels in one piece.
  for (unsigned number = 0; number < 200000; number++) fwrite(&number, sizeof number, 1, dump);
  if (fclose(report) || fclose(dump)) give_up("write an artefact");
  say_ok(1);
  return 0;
}

// What matches the pattern of an artefact, and would hold or drown whoever reads it.
static int artefact_traps(void) {
  if (mkfifo("pipe.log", 0600) || symlink("/dev/zero", "zero.log") || mkdir("folder.log", 0700)) give_up("set a trap");
  FILE *log = fopen("plain.log", "w");
  if (!log || fputs("a plain file\n", log) < 0 || fclose(log)) give_up("write an artefact");
  say_ok(1);
  return 0;
}

const struct behaviour result_behaviours[] = {
    {"pass", pass},
    {"fail", fail},
    {"fail-exit-0", fail_exit_0},
    {"skip", skip},
    {"all-skipped", all_skipped},
    {"missing", missing},
    {"silent", silent},
    {"bail-out", bail_out},
    {"segfault", segfault},
    {"artefacts", artefacts},
    {"artefact-traps", artefact_traps},
    {0},
};
