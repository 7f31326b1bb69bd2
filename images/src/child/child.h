// SPDX-License-Identifier: Apache-2.0
#pragma once

// Ends this process as a child of it ended: by the same signal, else returns its exit code. `status` is that of waitpid(2).
int end_as(int status);
