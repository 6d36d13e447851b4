// Listings of specs for people and programs.
#pragma once

#include <string>

#include "spec/discover.h"

namespace specguard::spec {

// One line a spec, name and labels; names with control characters or bad UTF-8 are escaped.
std::string text_listing(const Discovery& discovery);

// Format version 1, docs/formats.md.
inline constexpr int kListingVersion = 1;
std::string json_listing(const Discovery& discovery);

}  // namespace specguard::spec
