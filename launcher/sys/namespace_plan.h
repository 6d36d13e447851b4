// The plan of a sandbox: which steps lead into it, from its settings and from what this machine
// has.
#pragma once

#include <vector>

#include "base/result.h"
#include "sys/namespace_steps.h"
#include "sys/namespaces.h"

namespace specguard::sys {

// The steps in the order in which they have to be taken. An Error where a directory that was asked
// for cannot be had.
base::Result<std::vector<NamespaceStep>> plan_namespace_steps(const NamespaceSettings& settings);

}  // namespace specguard::sys
