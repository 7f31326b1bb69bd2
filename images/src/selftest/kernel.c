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

void panic_now(void) {
  int trigger = open("/proc/sysrq-trigger", O_WRONLY);
  if (trigger >= 0) (void)!write(trigger, "c", 1);
  give_up("write to /proc/sysrq-trigger");
}

static int panic_(void) {
  say_ok(1);
  panic_now();
}

// Stock kernels have no lkdtm to provoke a warning with: this is the text of one, record by record, by way of the
// kernel's own log. On the console it looks like the real thing.
void say_warning(void) {
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
  for (size_t number = 0; number < sizeof records / sizeof records[0]; number++) {
    if (!say_to_kernel_log(records[number])) give_up("write to /dev/kmsg");
  }
}

static int warn_after_ok(void) {
  say_ok(2);
  say_warning();
  return 0;
}

static void write_to(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, strlen(text)) < 0) give_up(path);
  close(file);
}

// Each of these makes the kernel itself print two lines, and changes nothing: 7 is what ktest boots with.
static int log_flood(void) {
  for (int number = 0; number < 10000; number++) write_to("/proc/sysrq-trigger", "7");
  say_ok(1);
  return 0;
}

static int kernel_line(void) {
  write_to("/proc/sysrq-trigger", "7");
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

// A kernel that warned while nobody could hear it: the console is silenced, and 512 is the taint of a warning (W), which
// root can set by hand.
static int silent_log(void) {
  write_to("/proc/sys/kernel/printk", "1 4 1 7");
  write_to("/proc/sys/kernel/tainted", "512");
  say_ok(1);
  return 0;
}

static int silent_times(void) {
  write_to("/sys/module/printk/parameters/time", "N");
  say_ok(1);
  return 0;
}

static int silent_taint(void) {
  write_to("/proc/sys/kernel/tainted", "512");
  say_ok(1);
  return 0;
}

// A real warning while the console is silenced, and the console as it was before the case ends.
static int silent_warning(void) {
  write_to("/proc/sys/kernel/printk", "1 4 1 7");
  int direct = open("/sys/kernel/debug/provoke-crash/DIRECT", O_WRONLY);
  if (direct < 0 || write(direct, "WARNING", 7) < 0) give_up("write to lkdtm's DIRECT");
  close(direct);
  write_to("/proc/sys/kernel/printk", "7 4 1 7");
  say_ok(1);
  return 0;
}

static int power_off(void) {
  say_ok(1);
  reboot(RB_POWER_OFF);
  give_up("power off");
}

const struct behaviour kernel_behaviours[] = {
    {"panic", panic_},
    {"warn-after-ok", warn_after_ok},
    {"log-flood", log_flood},
    {"power-off", power_off},
    {"kernel-line", kernel_line},
    {"silent-log", silent_log},
    {"silent-times", silent_times},
    {"silent-taint", silent_taint},
    {"silent-warning", silent_warning},
    {"hard-lockup", hard_lockup},
    {"hung-task", hung_task},
    {"kernel-warning", kernel_warning},
    {"kernel-bug", kernel_bug},
    {0}};
