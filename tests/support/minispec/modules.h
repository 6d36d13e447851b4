// minispec, a TEST FIXTURE of SpecGuard: source files, and the modules that a program imports.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace minispec {

// The whole file; nullopt where it cannot be read or is longer than 16 MiB.
std::optional<std::string> read_source(const std::filesystem::path& path);

// src/shop/cart.spl for "shop.cart", in the nearest directory at or above that of the program;
// empty where there is none. The last word may be a name inside the module: "shop.cart.total".
std::filesystem::path find_module(const std::filesystem::path& program, const std::string& dotted);

}  // namespace minispec
