// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

// A member says whether it has read what it should, and once more at its end, when the pipe tells it what to expect.
static _Noreturn void be_one(const struct crowd *crowd, const uint8_t *memory) {
  char intact = is_intact(memory), discarded;
  close(crowd->hold[1]);
  if (write(crowd->ready[1], &intact, 1) != 1 || read(crowd->hold[0], &discarded, 1) != 1) _exit(2);
  _exit((discarded ? is_empty(memory) : is_intact(memory)) ? 0 : 1);
}

enum outcome gather(struct crowd *crowd, size_t size, const uint8_t *memory) {
  CHECK(size <= MOST_MAPPERS && !pipe(crowd->hold) && !pipe(crowd->ready), "%zu processes: %s", size, strerror(errno));
  for (crowd->size = 0; crowd->size < size; crowd->size++) {
    pid_t child = crowd->members[crowd->size] = fork();
    if (child == 0) be_one(crowd, memory);
    CHECK(child > 0, "%s", strerror(errno));
  }
  for (size_t member = 0; member < size; member++) {
    char intact = 0;
    CHECK(read(crowd->ready[0], &intact, 1) == 1 && intact, "process %zu of %zu does not see the memory", member, size);
  }
  return PASS;
}

enum outcome dismiss(struct crowd *crowd, bool discarded) {
  char expectation = discarded;
  for (size_t member = 0; member < crowd->size; member++)
    CHECK(write(crowd->hold[1], &expectation, 1) == 1, "%s", strerror(errno));
  for (size_t member = 0; member < crowd->size; member++) {
    int status = -1;
    CHECK(waitpid(crowd->members[member], &status, 0) == crowd->members[member] && status == 0,
          "process %zu sees something else", member);
  }
  for (int side = 0; side < 2; side++) close(crowd->hold[side]), close(crowd->ready[side]);
  return PASS;
}
