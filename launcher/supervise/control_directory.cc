#include "supervise/control_directory.h"

#include <array>
#include <filesystem>
#include <span>

#include "supervise/sweep.h"
#include "sys/cgroup.h"
#include "sys/directory.h"
#include "sys/fifo.h"
#include "sys/file.h"

namespace specguard::supervise {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOrders = "/orders";
constexpr const char* kReport = "/report";
constexpr const char* kScratch = "/scratch";
constexpr const char* kId = "/id";
constexpr const char* kRequest = "/request.json";

fs::path place_for_all() {
  std::error_code error;
  const fs::path path = fs::temp_directory_path(error);
  return error ? fs::path("/tmp") : path;
}

// A test may have taken every permission from a directory of its own, as overlay does with one of
// its. Nobody writes here any more, and links are not followed.
void regain_access(const fs::path& path) {
  std::error_code ignored;
  fs::recursive_directory_iterator entry(path, ignored);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(ignored))
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored))
      fs::permissions(entry->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
}

void remove_tree(const fs::path& path) {
  std::error_code ignored;
  // The kernel's own directories of an overlay may be root's and unreadable; most are empty.
  for (const char* of_the_kernel : {"work/work", "work/index"})
    fs::remove(path / "scratch" / of_the_kernel, ignored);
  std::error_code failed;
  fs::remove_all(path, failed);
  if (!failed) return;
  regain_access(path);
  fs::remove_all(path, ignored);
}

// Ours: by name, and by whom it belongs to.
template <typename Accept>
std::vector<std::string> find_ours(const Accept& accept) {
  std::vector<std::string> names;
  const fs::path place = place_for_all();
  const auto entries = sys::list_directory(place);
  if (!entries) return names;
  for (const sys::DirectoryEntry& entry : *entries) {
    if (entry.kind != sys::EntryKind::kDirectory) continue;
    const auto owner = sys::parse_cgroup_name(entry.name);
    if (!owner || !accept(entry.name, *owner)) continue;
    const auto of = sys::ownership_of(place / entry.name);
    if (of && of->owner.user == sys::own_identity().user) names.push_back(entry.name);
  }
  return names;
}

}  // namespace

base::Result<ControlDirectory> ControlDirectory::make(const std::string& attempt_id,
                                                      const sys::Identity& user,
                                                      const ContainerEngine& engine) {
  ControlDirectory made;
  made.name_ = sys::cgroup_name(sys::this_cgroup_owner(), attempt_id);
  made.path_ = place_for_all() / made.name_;
  SPECGUARD_TRY_VOID(sys::make_new_directory(made.path_));
  const auto fill = [&]() -> base::Result<void> {
    std::error_code error;
    fs::create_symlink(engine.program, made.path_ + "/" + std::string(engine_name(engine.kind)),
                       error);
    if (error) return base::Error::from_errno("note the engine of a container", error.value());
    const std::string mounted = made.mounted();
    SPECGUARD_TRY_VOID(sys::make_new_directory(mounted));
    for (const char* pipe : {kOrders, kReport}) {
      SPECGUARD_TRY_VOID(sys::make_fifo(mounted + pipe));
      SPECGUARD_TRY_VOID(sys::give_to(mounted + pipe, user));
    }
    SPECGUARD_TRY_VOID(sys::give_to(mounted, user));
    SPECGUARD_TRY(made.orders_, sys::open_fifo(mounted + kOrders, sys::FifoEnd::kBoth));
    SPECGUARD_TRY(made.report_, sys::open_fifo(mounted + kReport, sys::FifoEnd::kRead));
    return {};
  };
  if (const auto filled = fill(); !filled) {
    made.remove();
    return filled.error();
  }
  return made;
}

bool ControlDirectory::order(int signal) const {
  const auto byte = static_cast<unsigned char>(signal);
  return orders_ && sys::write_all(orders_.get(), std::as_bytes(std::span(&byte, 1))).ok();
}

std::string ControlDirectory::id_file() const {
  return path_ + kId;
}

base::Result<std::string> ControlDirectory::note_request(const std::string& request) const {
  std::string file = path_ + kRequest;
  SPECGUARD_TRY_VOID(sys::replace_file(file, request));
  return file;
}

bool ControlDirectory::has_id() const {
  return control_directory_has_id(name_);
}

base::Result<std::string> ControlDirectory::make_scratch(const sys::Ownership& like) const {
  const std::string scratch = path_ + kScratch;
  SPECGUARD_TRY_VOID(sys::make_new_directory(scratch));
  SPECGUARD_TRY_VOID(sys::make_new_directory(scratch + "/work"));
  const std::string upper = scratch + "/upper";
  SPECGUARD_TRY_VOID(sys::make_new_directory(upper));
  std::error_code error;
  fs::permissions(upper, static_cast<fs::perms>(like.permissions & 0777U), error);
  if (error) return base::Error::from_errno("open the scratch directory", error.value());
  SPECGUARD_TRY_VOID(sys::give_to(upper, like.owner));
  return scratch;
}

base::Result<std::string> ControlDirectory::make_plain_name(const std::string& directory) const {
  std::string name = path_ + "/source";
  std::error_code error;
  fs::create_directory_symlink(directory, name, error);
  if (error) return base::Error::from_errno("make a plain name for a directory", error.value());
  return name;
}

void ControlDirectory::remove() {
  orders_.reset();
  report_.reset();
  if (!path_.empty()) remove_tree(path_);
}

base::Result<ControlEnds> open_control_inside(const std::string& directory) {
  ControlEnds ends;
  SPECGUARD_TRY(ends.report, sys::open_fifo(directory + kReport, sys::FifoEnd::kWrite));
  SPECGUARD_TRY(ends.orders, sys::open_fifo(directory + kOrders, sys::FifoEnd::kRead));
  for (const char* pipe : {kOrders, kReport}) {
    std::error_code error;
    fs::remove(directory + pipe, error);
    if (error) return base::Error::from_errno("take away the name of a pipe", error.value());
  }
  return ends;
}

std::vector<std::string> dead_control_directories() {
  return find_ours(
      [](const std::string&, const sys::CgroupOwner& owner) { return is_dead_owner(owner); });
}

std::string control_directory_of(const std::string& attempt_id) {
  const auto found = find_ours([&](const std::string& name, const sys::CgroupOwner&) {
    return name.ends_with("." + attempt_id);
  });
  return found.empty() ? std::string() : found.front();
}

std::optional<ContainerEngine> engine_of_control_directory(const std::string& name) {
  for (const EngineKind kind : {EngineKind::kDocker, EngineKind::kPodman}) {
    std::error_code error;
    const fs::path program = fs::read_symlink(place_for_all() / name / engine_name(kind), error);
    if (!error) return ContainerEngine{kind, program.string()};
  }
  return std::nullopt;
}

bool control_directory_has_id(const std::string& name) {
  std::error_code ignored;
  return fs::exists(place_for_all().string() + "/" + name + kId, ignored);
}

void remove_control_directory(const std::string& name) {
  if (sys::parse_cgroup_name(name)) remove_tree(place_for_all() / name);
}

}  // namespace specguard::supervise
