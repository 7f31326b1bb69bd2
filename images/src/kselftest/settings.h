// SPDX-License-Identifier: Apache-2.0
// The settings of /proc/sys/vm, which a test may leave changed: upstream's hugetlb-soft-offline switches soft offlining off for
// all tests behind it.
#pragma once

void note_settings(void);
void restore_settings(void);
