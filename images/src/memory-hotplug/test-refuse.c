// SPDX-License-Identifier: Apache-2.0
// A block that cannot go stays, whole and online, and says so.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hotplug.h"

static enum outcome kernel_memory(void *context) {
  const struct machine *machine = context;
  unsigned block = machine->normal;
  char before[64], after[64];
  block_zones(block, before, sizeof before);
  long total = meminfo("MemTotal");
  int error = set_block(block, "offline");
  block_zones(block, after, sizeof after);
  // EBUSY: memory that cannot move. EINVAL: a block with a hole, or of two zones.
  CHECK(error == EBUSY || error == EINVAL, "memory%u: %s", block, strerror(error));
  CHECK(block_is_online(block) && !strcmp(before, after), "memory%u, zones '%s' and then '%s'", block, before, after);
  CHECK(meminfo("MemTotal") == total, "MemTotal is %ld KiB and was %ld", meminfo("MemTotal"), total);
  return PASS;
}

static void interrupt(int signal) { (void)signal; }

// vmsplice() takes references that are not counted as long-term pins, so the page stays in the zone Movable, and the
// kernel tries to move it until it is interrupted.
static enum outcome pinned_page(void *context) {
  const struct machine *machine = context;
  struct target target = {.bytes = PAGE, .seed = 7};
  use_up_the_rest(machine, MADV_NOHUGEPAGE);
  target.memory = anonymous(HUGE, MADV_NOHUGEPAGE, 0);
  if (!target.memory) return FAIL;
  put_pattern(target.memory, target.bytes, target.seed);
  if (!find_target(machine, &target)) return FAIL;
  int ends[2];
  CHECK(pipe(ends) == 0, "%s", strerror(errno));
  struct iovec range = {.iov_base = target.memory, .iov_len = PAGE};
  CHECK(vmsplice(ends[1], &range, 1, 0) == PAGE, "%s", strerror(errno));

  struct sigaction action = {.sa_handler = interrupt};
  sigaction(SIGALRM, &action, NULL);
  unsigned patience = alarm(2);
  int error = set_block(target.block, "offline");
  bool online = block_is_online(target.block);
  signal(SIGALRM, SIG_DFL);
  alarm(patience);
  CHECK(error == EINTR, "memory%u with a pinned page: %s", target.block, strerror(error));
  CHECK(online, "memory%u", target.block);
  CHECK(changed_at(target.memory, PAGE, target.seed) == -1, "the pinned page has changed");

  close(ends[0]);
  close(ends[1]);
  return check_move(machine, &target, "a page that was pinned");
}

const struct subtest refuse_subtests[] = {
    {"kernel-memory-refused", kernel_memory}, {"pinned-page-interrupted", pinned_page}, {0}};
