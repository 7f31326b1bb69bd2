// SPDX-License-Identifier: Apache-2.0
// Memory taken offline with huge pages in it: they move, whole, or it refuses and leaves all as it was.
// Kernel doc: Documentation/admin-guide/mm/memory-hotplug.rst.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "block.h"

static enum outcome emptied(void *context) {
  const struct machine *machine = context;
  struct block block;
  CHECK(board_block(&block, machine->from, false), "no such block; movablecore= makes some");
  CHECK(block_write(&block, "offline"), "offline: %s", strerror(errno));
  CHECK(block_is(&block, "offline"), "state");
  CHECK(passengers_moved(&block), "after going offline");
  CHECK(block_write(&block, "online_movable"), "online_movable: %s", strerror(errno));
  CHECK(block_is(&block, "online"), "state");
  return PASS;
}

static enum outcome refused(void *context) {
  const struct machine *machine = context;
  struct block block;
  CHECK(board_block(&block, machine->from, true), "no such block; movablecore= makes some");
  bool accepted = block_write(&block, "offline");
  int error = errno;
  CHECK(!accepted && error == EBUSY, "offline: %s", accepted ? "accepted" : strerror(error));
  CHECK(block_is(&block, "online"), "state");
  CHECK(passengers_stayed(&block), "after the refusal");
  return PASS;
}

static void wake(int signal) { (void)signal; }

// A page with a reference that does not go: the kernel tries for ever, until a signal comes.
static enum outcome interrupted(void *context) {
  const struct machine *machine = context;
  struct block block;
  int pipe[2], status;
  CHECK(board_block(&block, machine->from, false) && pin(block.passenger[0] + 7 * PAGE, pipe), "no pinned huge page");
  pid_t child = fork();
  if (child == 0) {
    unpin(pipe);  // this process' ends; the parent's hold the page
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = wake}, NULL);
    _exit(!block_write(&block, "offline") && errno == EINTR ? PASS : FAIL);
  }
  nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
  CHECK(block_is(&block, "going-offline"), "it should still be trying");
  CHECK(child > 0 && kill(child, SIGTERM) == 0 && waitpid(child, &status, 0) == child, "child: %s", strerror(errno));
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == PASS, "the signal does not end it with EINTR (%#x)",
        (unsigned)status);
  CHECK(block_is(&block, "online"), "state");
  uint64_t seed = block.seed[0];
  struct pages pages;
  CHECK(read_pages(block.passenger[0], &pages) && pages.frame[0] == block.frame[0], "the pinned page moved");
  CHECK(is_whole(block.passenger[0], pages.node[0], seed), "the pinned page");
  unpin(pipe);
  CHECK(block_write(&block, "offline"), "offline without the pin: %s", strerror(errno));
  CHECK(passengers_moved(&block), "after going offline");
  CHECK(block_write(&block, "online_movable") && block_is(&block, "online"), "online_movable: %s", strerror(errno));
  return PASS;
}

const struct subtest offline_subtests[] = {
    {"block-emptied", emptied},
    {"block-with-unmovable-pages-refused", refused},
    {"pinned-page-interrupted", interrupted},
    {0},
};
