// What `--isolation` says: one kind for every test, or one for each level of specs. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/level.h"

namespace specguard::cli {

enum class IsolationKind { kProcess, kNamespace, kContainer };

// "container", or "unit=process,integration=container". A level that is not named, and a test that
// is no spec, has process. The Error says what is none of what.
base::Result<IsolationKind> choose_isolation(std::string_view text, spec::Level level);

// The level of a spec that one of these directories holds, as discovery labels it.
spec::Level level_of_spec(const std::string& spec, const std::vector<std::string>& directories);

}  // namespace specguard::cli
