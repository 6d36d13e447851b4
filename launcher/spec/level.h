// Level: unit, integration or system, told by where a spec lies. Pure.
#pragma once

#include <string_view>

namespace specguard::spec {

enum class Level { kNone, kUnit, kIntegration, kSystem };

// "unit", "integration", "system"; empty for kNone.
std::string_view level_name(Level level);

// By whole path segments, never by substring, after an `NN_` prefix is taken off: the first among
// unit, shared (= unit), integration, system, feature (= system). `relative_path` is the file's
// below `directory`. Where it says nothing, the directory's own segments are asked from the last
// one backward, at most to one named test, tests, spec or specs: what lies above a project must not
// decide.
Level level_of(std::string_view directory, std::string_view relative_path);

}  // namespace specguard::spec
