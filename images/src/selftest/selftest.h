// SPDX-License-Identifier: Apache-2.0
// selftest: a test program that misbehaves on demand, so that the harness can be seen to notice.
#ifndef SELFTEST_H
#define SELFTEST_H

// What the program can be told to do. Each returns the program's exit status.
struct behaviour {
  const char *name;
  int (*body)(void);
};

// Each list ends with a row without a name.
extern const struct behaviour result_behaviours[];
extern const struct behaviour output_behaviours[];
extern const struct behaviour kernel_behaviours[];
extern const struct behaviour process_behaviours[];
extern const struct behaviour forgery_behaviours[];
extern const struct behaviour leaving_behaviours[];

// KTAP with `count` passed subtests and a plan that says so.
void say_ok(int count);
// Writes one record to the kernel log; false when that cannot be done.
int say_to_kernel_log(const char *record);
// Does not come back: the kernel panics.
_Noreturn void panic_now(void);
// Writes the text of a warning to the kernel log.
void say_warning(void);
// Ends the program: the behaviour could not be brought about.
_Noreturn void give_up(const char *what);

#endif
