// SPDX-License-Identifier: Apache-2.0
// Huge pages of a file on tmpfs: the page tables of all who map it change, and the page cache's own entry.
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "thp.h"

static bool reads_back(int file, uint64_t seed) {
  static uint64_t copy[HUGE / sizeof(uint64_t)];
  for (size_t done = 0; done < HUGE;) {
    ssize_t got = pread(file, (uint8_t *)copy + done, HUGE - done, (off_t)done);
    if (got <= 0) return false;
    done += (size_t)got;
  }
  return is_intact(copy, seed);
}

static enum outcome moved(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  int file, status;
  uint8_t *memory = map_file(machine->from, seed, &file);
  CHECK(memory, "no huge page in a file");
  long left = move_huge(0, memory, 0, machine->to, MPOL_MF_MOVE, &status);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  CHECK(is_whole(memory, machine->to, seed), "after the move");
  CHECK(reads_back(file, seed), "read() sees something else");
  fill(memory, HUGE, seed + 1);
  CHECK(reads_back(file, seed + 1), "read() does not see what is written now");
  return PASS;
}

static enum outcome moved_for_all(void *context) {
  const struct machine *machine = context;
  uint64_t seed = fresh_seed();
  int file, status, ready[2], go[2], end;
  char byte;
  uint8_t *memory = map_file(machine->from, seed, &file);
  CHECK(memory && pipe(ready) == 0 && pipe(go) == 0, "no huge page in a file");
  pid_t child = fork();
  if (child == 0) {
    // Fork does not copy the page table of a file.
    for (int page = 0; page < PAGES; page++) (void)*(volatile uint8_t *)(memory + (size_t)page * PAGE);
    bool good = is_whole(memory, machine->from, seed) && write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1 &&
                is_whole(memory, machine->to, seed);
    memory[0] ^= 1;
    _exit(good ? PASS : FAIL);
  }
  close(ready[1]);
  CHECK(child > 0 && read(ready[0], &byte, 1) == 1, "the child does not map it whole");
  long left = move_huge(0, memory, 0, machine->to, MPOL_MF_MOVE_ALL, &status);
  CHECK(write(go[1], "", 1) == 1 && waitpid(child, &end, 0) == child && end == 0, "what the child sees (%#x)",
        (unsigned)end);
  CHECK(left == 0 && status == machine->to, "result %ld, status %d", left, status);
  memory[0] ^= 1;
  CHECK(is_whole(memory, machine->to, seed), "after the move, and the child's write");
  return PASS;
}

const struct subtest shmem_subtests[] = {{"tmpfs", moved}, {"tmpfs-two-processes", moved_for_all}, {0}};
