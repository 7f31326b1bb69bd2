// SPDX-License-Identifier: Apache-2.0
// What happens to, or is said by, the kernel.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "selftest.h"

int say_to_kernel_log(const char *record) {
  int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  if (log < 0) return 0;
  ssize_t length = (ssize_t)strlen(record);
  int good = write(log, record, (size_t)length) == length;
  close(log);
  return good;
}

static int panic_(void) {
  say_ok(1);
  int trigger = open("/proc/sysrq-trigger", O_WRONLY);
  if (trigger < 0 || write(trigger, "c", 1) != 1) give_up("write to /proc/sysrq-trigger");
  return 0;
}

// Stock kernels have no lkdtm to provoke a warning with: this is the text of one, record by record, by way of the
// kernel's own log. On the console it looks like the real thing.
static int warn_after_ok(void) {
  static const char *const records[] = {
      "<4>------------[ cut here ]------------\n",
      "<4>WARNING: CPU: 0 PID: 71 at mm/gup.c:148 try_grab_folio+0x11e/0x1c0\n",
      "<4>Modules linked in:\n",
      "<4>CPU: 0 UID: 0 PID: 71 Comm: selftest Not tainted 6.12.0 #1\n",
      "<4>Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014\n",
      "<4>RIP: 0010:try_grab_folio+0x11e/0x1c0\n",
      "<4>Call Trace:\n",
      "<4> <TASK>\n",
      "<4> follow_page_pte+0x1c4/0x4e0\n",
      "<4> __get_user_pages+0x1a1/0x6b0\n",
      "<4> </TASK>\n",
      "<4>---[ end trace 0000000000000000 ]---\n",
  };
  say_ok(2);
  for (size_t number = 0; number < sizeof records / sizeof records[0]; number++) {
    if (!say_to_kernel_log(records[number])) give_up("write to /dev/kmsg");
  }
  return 0;
}

// One open file: the kernel's limit on records is counted for each.
static int log_flood(void) {
  FILE *log = fopen("/dev/kmsg", "w");
  if (!log) give_up("open /dev/kmsg");
  setvbuf(log, NULL, _IOLBF, 256);
  for (int number = 1; number <= 20000; number++) {
    if (fprintf(log, "<6>selftest: flood %d\n", number) < 0) give_up("write to /dev/kmsg");
  }
  if (fprintf(log, "<6>selftest: the flood is over\n") < 0 || fclose(log)) give_up("write to /dev/kmsg");
  say_ok(1);
  return 0;
}

static int log_line(void) {
  if (!say_to_kernel_log("<6>selftest: the line that is waited for\n")) give_up("write to /dev/kmsg");
  say_ok(1);
  return 0;
}

// One of the crashes that a kernel with CONFIG_LKDTM can be made to have (Documentation/fault-injection/
// provoke-crashes.rst). Not all of them come back.
static int provoke(const char *crash) {
  int direct = open("/sys/kernel/debug/provoke-crash/DIRECT", O_WRONLY);
  if (direct < 0 || write(direct, crash, strlen(crash)) < 0) give_up("write to lkdtm's DIRECT");
  close(direct);
  say_ok(1);
  return 0;
}

// The processor takes no interrupts and does not come back.
static int hard_lockup(void) { return provoke("HARDLOCKUP"); }
// A task in D state that no signal ends.
static int hung_task(void) { return provoke("HUNG_TASK"); }
static int kernel_warning(void) { return provoke("WARNING"); }
static int kernel_bug(void) { return provoke("BUG"); }

static int power_off(void) {
  say_ok(1);
  reboot(RB_POWER_OFF);
  give_up("power off");
}

const struct behaviour kernel_behaviours[] = {
    {"panic", panic_},
    {"warn-after-ok", warn_after_ok},
    {"log-flood", log_flood},
    {"log-line", log_line},
    {"power-off", power_off},
    {"hard-lockup", hard_lockup},
    {"hung-task", hung_task},
    {"kernel-warning", kernel_warning},
    {"kernel-bug", kernel_bug},
    {0}};
