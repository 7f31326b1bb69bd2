// SPDX-License-Identifier: Apache-2.0
// What a test can write: too much, rubbish, and what looks like the kernel's own words.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "selftest.h"

static const char oops[] =
    "[    9.123456] BUG: kernel NULL pointer dereference, address: 0000000000000010\n"
    "[    9.123457] Oops: 0002 [#1] PREEMPT SMP NOPTI\n"
    "[    9.123458] RIP: 0010:follow_page_pte+0x1c4/0x4e0\n"
    "[    9.123459] Call Trace:\n"
    "[    9.123460]  __get_user_pages+0x1a1/0x6b0\n"
    "[    9.123461] ---[ end trace 0000000000000000 ]---\n"
    "[    9.123462] Kernel panic - not syncing: Fatal exception\n"
    "[    9.123463] ktest[0000000000000]: end 1\n";

// A test that greps the kernel log prints such lines: they are the test's, whatever they look like.
static int oops_text(void) {
  printf("KTAP version 1\n1..2\nok 1 before\n%s", oops);
  fflush(stdout);
  fputs(oops, stderr);
  printf("ok 2 after\n");
  return 0;
}

// The console device carries the kernel's log; what a program writes there has no time in front.
static int oops_on_console(void) {
  int console = open("/dev/console", O_WRONLY | O_NOCTTY);
  if (console < 0) give_up("open /dev/console");
  char line[128];
  for (const char *start = oops; *start; start = strchr(start, '\n') + 1) {
    const char *text = strchr(start, ']') + 2;
    int length = snprintf(line, sizeof line, "%.*s\n", (int)(strchr(start, '\n') - text), text);
    if (write(console, line, (size_t)length) != length) give_up("write to /dev/console");
  }
  close(console);
  say_ok(1);
  return 0;
}

static int long_line(void) {
  static char piece[1 << 16];
  memset(piece, 'x', sizeof piece);
  printf("KTAP version 1\n1..2\nok 1 before\n");
  for (int number = 0; number < 16; number++) fwrite(piece, 1, sizeof piece, stdout);
  printf("\nok 2 after\n");
  return 0;
}

// Every byte there is, NUL and half an UTF-8 character among them, on both streams.
static int rubbish(void) {
  static char buffer[1 << 16];
  uint32_t state = 1;
  setvbuf(stderr, buffer, _IOFBF, sizeof buffer);
  printf("KTAP version 1\n1..2\nok 1 before\n");
  for (int number = 0; number < 300000; number++) {
    state = state * 1664525 + 1013904223;
    putc((int)(state >> 24), stdout);
    putc((int)(state >> 16 & 0xff), stderr);
  }
  fflush(stderr);
  printf("\n\xe2\x82\nok 2 after\n");
  return 0;
}

// The failure at the end lies beyond the limit, and the plan was kept before: only the flood itself tells of it.
static int flood(void) {
  printf("KTAP version 1\n1..1\nok 1 before\n");
  for (int number = 0; number < 40000; number++) printf("# line %d of an output that does not end\n", number);
  printf("not ok 2 after\n");
  return 0;
}

// Fills the host's disk, not the guest's.
static int fill_disk(void) {
  static char line[1024];
  memset(line, '#', sizeof line - 1);
  line[sizeof line - 1] = '\n';
  printf("KTAP version 1\n1..2\nok 1 before\n");
  for (int number = 0; number < 4096; number++) fwrite(line, 1, sizeof line, stdout);
  printf("ok 2 after\n");
  return 0;
}

const struct behaviour output_behaviours[] = {
    {"oops-text", oops_text}, {"oops-on-console", oops_on_console}, {"long-line", long_line},
    {"rubbish", rubbish},     {"flood", flood},                     {"fill-disk", fill_disk},
    {0}};
