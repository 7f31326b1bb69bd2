// SPDX-License-Identifier: Apache-2.0
#include "CQemuPlugin.h"

// Swift cannot give a variable the name that a C program looks for.
const int qemu_plugin_version = 1;
