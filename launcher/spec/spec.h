// Spec: one file that discovery found, with the name and labels it has in CTest.
#pragma once

#include <string>
#include <vector>

#include "spec/level.h"
#include "spec/spec_facts.h"

namespace specguard::spec {

struct Spec {
  std::string name;  // of the CTest test: prefix and path below the directory given
  std::string path;  // absolute
  Level level = Level::kNone;
  SpecFacts facts;
};

// Level, tags, `slow`, `skip`, `pending`, `platform:x`, in this order, each once.
std::vector<std::string> labels_of(const Spec& spec);

}  // namespace specguard::spec
