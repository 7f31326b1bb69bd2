// SPDX-License-Identifier: Apache-2.0
// What a test finds when it starts, and how the guest is left as it was. Every function ends the program with a line
// on standard error when it cannot do its work.
#pragma once

#define OWN_FAILURE 99  // exit code: this program failed, the test was not run or not cleaned up after

_Noreturn void give_up(const char *what, const char *with);

// settings.c: "FILE=TEXT"; the text that was there comes back at the end, of a choice in brackets the chosen word.
// Without the file, nothing is changed if it may be absent.
void change_setting(char *assignment, int may_be_absent);
void restore_settings(void);

// disks.c: of RAM disks that nobody else uses; what is on them is lost.
void start_swap(const char *device);
void mount_ext4(char *device_and_directory);  // "DEVICE=DIRECTORY"
void mount_tmpfs(char *options_and_directory);  // "OPTIONS=DIRECTORY"
void release_disks(void);
