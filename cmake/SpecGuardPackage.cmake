# Installation and the package that find_package(SpecGuard) reads. Everything lies below one prefix and refers to itself
# by relative paths, so that the prefix can be moved.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

option(SPECGUARD_INSTALL "Install SpecGuard with the project" ${PROJECT_IS_TOP_LEVEL})

# Who adds the sources to a project gets the commands right away, as from find_package().
include("${PROJECT_SOURCE_DIR}/modules/SpecGuard.cmake")

if(SPECGUARD_INSTALL)
  set(_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/SpecGuard")
  # The package is a program and scripts: any project may use it, whatever its languages and pointer size.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/SpecGuardConfigVersion.cmake"
    VERSION "${PROJECT_VERSION}" COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/SpecGuardConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/SpecGuardConfig.cmake" INSTALL_DESTINATION "${_package_dir}")
  file(GLOB _modules CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/modules/*.cmake")

  install(TARGETS test-launcher EXPORT SpecGuardTargets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(EXPORT SpecGuardTargets NAMESPACE SpecGuard:: DESTINATION "${_package_dir}")
  install(
    FILES
      ${_modules}
      "${PROJECT_SOURCE_DIR}/docker/Dockerfile.test-isolation"
      "${PROJECT_BINARY_DIR}/SpecGuardConfig.cmake"
      "${PROJECT_BINARY_DIR}/SpecGuardConfigVersion.cmake"
    DESTINATION "${_package_dir}")
endif()
