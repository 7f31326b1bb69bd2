// SPDX-License-Identifier: Apache-2.0
// Does one access, or one madvise, and tells which SIGBUS or SIGSEGV it brought instead of dying of it.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "exercise.h"

static sigjmp_buf landing;
static struct fault caught;

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)context;
  caught = (struct fault){.signal = signal, .code = info->si_code, .address = info->si_addr};
  if (signal == SIGBUS && (info->si_code == BUS_MCEERR_AR || info->si_code == BUS_MCEERR_AO))
    caught.lsb = info->si_addr_lsb;
  siglongjmp(landing, 1);
}

static void arm(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGBUS, &action, NULL);
  sigaction(SIGSEGV, &action, NULL);
  caught = (struct fault){0};
}

static struct fault disarm(void) {
  signal(SIGBUS, SIG_DFL);
  signal(SIGSEGV, SIG_DFL);
  return caught;
}

struct fault trap_read(const volatile uint8_t *address) {
  arm();
  if (!sigsetjmp(landing, 1)) (void)*address;
  return disarm();
}

struct fault trap_write(volatile uint8_t *address, uint8_t value) {
  arm();
  if (!sigsetjmp(landing, 1)) *address = value;
  return disarm();
}

struct fault trap_madvise(void *address, size_t length, int advice, int *error) {
  arm();
  // The signal of a poisoned page arrives on the way out of the call, so the call's own result is then unknown.
  *error = 0;
  if (!sigsetjmp(landing, 1) && madvise(address, length, advice)) *error = errno;
  return disarm();
}
