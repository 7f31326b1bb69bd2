// The system's libyaml event API, for the suite and recipe reader only.
#ifndef KTEST_CYAML_SHIM_H
#define KTEST_CYAML_SHIM_H

#include <yaml.h>

#endif
