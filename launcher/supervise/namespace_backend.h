// NamespaceBackend: `--isolation namespace`. What a test finds inside stands in sys/namespaces.h.
#pragma once

#include <chrono>
#include <memory>

#include "supervise/backend.h"
#include "supervise/place.h"
#include "sys/namespaces.h"

namespace specguard::supervise {

class NamespaceBackend final : public Backend {
 public:
  NamespaceBackend(Place place, std::chrono::milliseconds grace)
      : place_(std::move(place)), grace_(grace) {}

  base::Result<void> prepare(LaunchPlan& plan) override;
  sys::StepFailure set_up_child(const sys::ChildRest& rest) noexcept override {
    return sandbox_->enter(rest);
  }
  std::optional<Breach> interpret_end(Ending& ending) override;
  std::vector<base::ProcessNote> left_behind() override { return std::move(report_.left); }
  std::string remedy(int errno_value) override;

 private:
  Place place_;
  std::chrono::milliseconds grace_;
  std::unique_ptr<sys::NamespaceSandbox> sandbox_;
  sys::TestReport report_;
};

}  // namespace specguard::supervise
