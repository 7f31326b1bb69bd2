// SPDX-License-Identifier: Apache-2.0
// A memory error in device memory kills or warns those who map it, and names the right place.
// Kernel doc: Documentation/mm/hwpoison.rst; siginfo: sigaction(2).
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exercise.h"

#ifndef MADV_HWPOISON
#define MADV_HWPOISON 100
#endif

static int log2_of(uint64_t value) { return 63 - __builtin_clzll(value); }

// A page of the second unit that is not its first, where there is more than one: an address that is wrong shows.
static uint8_t *victim(const struct device *device, uint8_t *memory) {
  return memory + device->align + (device->align > PAGE ? device->align / 2 + 3 * PAGE : 0);
}

// The unit that is lost is the one that was mapped as a whole: its size is in si_addr_lsb, its place in si_addr.
static enum outcome check_place(const struct device *device, const uint8_t *memory, struct fault fault) {
  diagnose("si_addr = mapping + %#tx, si_addr_lsb = %d", (uint8_t *)fault.address - memory, fault.lsb);
  CHECK(fault.lsb == log2_of(device->align), "si_addr_lsb %d", fault.lsb);
  uintptr_t unit = (uintptr_t)fault.address & ~((uintptr_t)device->align - 1);
  CHECK(unit == (uintptr_t)memory + device->align, "the unit at %#lx", (unsigned long)unit);
  return PASS;
}

static enum outcome action_required(void *context) {
  struct device *device = context;
  int error;
  uint64_t seed = fresh_seed();
  uint8_t *memory = map_device(device, 0, 2 * device->align);
  CHECK(memory, "mapping");
  fill(memory, PAGE, seed);
  *victim(device, memory) = 1;
  struct fault fault = trap_madvise(victim(device, memory), PAGE, MADV_HWPOISON, &error);
  CHECK(error == 0, "madvise: %s", strerror(error));
  CHECK(fault.signal == SIGBUS && fault.code == BUS_MCEERR_AR, "signal %d code %d", fault.signal, fault.code);
  enum outcome place = check_place(device, memory, fault);
  if (place != PASS) return place;
  ssize_t wrong = difference(memory, PAGE, seed);
  CHECK(wrong < 0, "the unit next to it changed at %zd", wrong);
  return PASS;
}

// The one who maps the page but does not use it now is warned early if it asked for that: "action optional".
static enum outcome action_optional(void *context) {
  struct device *device = context;
  int error, status;
  sigset_t bus;
  siginfo_t info = {0};
  uint8_t *memory = map_device(device, 0, 2 * device->align);
  CHECK(memory, "mapping");
  CHECK(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0) == 0, "prctl: %s", strerror(errno));
  *victim(device, memory) = 1;
  sigemptyset(&bus);
  sigaddset(&bus, SIGBUS);
  sigprocmask(SIG_BLOCK, &bus, NULL);  // before the child can poison anything
  pid_t child = fork();
  if (child == 0) {
    sigprocmask(SIG_UNBLOCK, &bus, NULL);
    *victim(device, memory) = 1;
    struct fault fault = trap_madvise(victim(device, memory), PAGE, MADV_HWPOISON, &error);
    _exit(fault.signal == SIGBUS && fault.code == BUS_MCEERR_AR ? 0 : 1);
  }
  int got = sigtimedwait(&bus, &info, &(struct timespec){.tv_sec = 10});
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the child got no action required");
  CHECK(got == SIGBUS && info.si_code == BUS_MCEERR_AO, "signal %d code %d", got, info.si_code);
  struct fault fault = {.signal = got, .code = info.si_code, .address = info.si_addr, .lsb = info.si_addr_lsb};
  return check_place(device, memory, fault);
}

const struct subtest poison_subtests[] = {
    {"poison-action-required", action_required},
    {"poison-action-optional", action_optional},
    {0},
};
