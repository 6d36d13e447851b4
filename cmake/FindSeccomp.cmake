# Finds libseccomp; defines Seccomp::Seccomp. The distribution's package has no CMake configuration of its own.
find_path(Seccomp_INCLUDE_DIR seccomp.h)
find_library(Seccomp_LIBRARY seccomp)
mark_as_advanced(Seccomp_INCLUDE_DIR Seccomp_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Seccomp REQUIRED_VARS Seccomp_LIBRARY Seccomp_INCLUDE_DIR)

if(Seccomp_FOUND AND NOT TARGET Seccomp::Seccomp)
  # By name, so that a static link takes libseccomp.a and any other takes libseccomp.so.
  add_library(Seccomp::Seccomp INTERFACE IMPORTED)
  cmake_path(GET Seccomp_LIBRARY PARENT_PATH _seccomp_directory)
  target_include_directories(Seccomp::Seccomp INTERFACE "${Seccomp_INCLUDE_DIR}")
  target_link_directories(Seccomp::Seccomp INTERFACE "${_seccomp_directory}")
  target_link_libraries(Seccomp::Seccomp INTERFACE seccomp)
  unset(_seccomp_directory)
endif()
