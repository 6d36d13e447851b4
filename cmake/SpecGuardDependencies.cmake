# Finds each library that the launcher and its tests use; one that is missing is named with the package that has it.

function(_specguard_require package debian_package)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR
      "SpecGuard needs ${package} and did not find it.\n"
      "On Debian and Ubuntu: apt-get install ${debian_package}")
  endif()
endfunction()

set(Boost_NO_WARN_NEW_VERSIONS ON)
set(Boost_USE_STATIC_LIBS ON)
_specguard_require(Boost "libboost1.81-dev libboost-filesystem1.81-dev" 1.81 COMPONENTS filesystem)
_specguard_require(nlohmann_json nlohmann-json3-dev 3.10)
_specguard_require(CLI11 libcli11-dev 2.1)
_specguard_require(fmt libfmt-dev 9)
_specguard_require(Threads libc6-dev)
_specguard_require(Seccomp libseccomp-dev)

if(SPECGUARD_BUILD_TESTS)
  _specguard_require(GTest "libgtest-dev libgmock-dev" 1.12)
  _specguard_require(benchmark libbenchmark-dev)
endif()
