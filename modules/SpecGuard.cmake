#[=======================================================================[.rst:
SpecGuard
---------

Registers spec files and other tests with CTest so that each runs under ``test-launcher``: bounded, reaped, and
truthful about how it ended. ``find_package(SpecGuard)``, FetchContent and add_subdirectory() all give these commands.
Including this module defines commands and does nothing else.

.. command:: specguard_discover_tests

  Makes a CTest test of every spec file below the directories::

    specguard_discover_tests(
      [DIRECTORIES dir...]           # default: the current source directory
      [PATTERNS glob...]             # default: *_spec.spl *_test.spl
      [EXCLUDE glob...]
      [INTERPRETER command [arg...]] # a program, or a target of the project
      [PREFIX text] [LABELS label...] [PROPERTIES key value...]
      [DISCOVERY TEST_TIME|CONFIGURE]
      [guard options])

  With ``TEST_TIME``, the default, specs are discovered each time ctest starts: one that is added, renamed, deleted or
  retagged is right at once, with no reconfigure. ``CONFIGURE`` discovers them when the project is configured, and
  needs a launcher and an interpreter that are there by then. A test's name is PREFIX and the spec's path below its
  directory; its labels are its level, its tags, and LABELS.

  The interpreter is INTERPRETER; else the variable or environment variable ``SPECGUARD_INTERPRETER``, a list; else
  ``simple run``. RESULTS is ``simple`` and SKIP_CODE 77 unless given.

.. command:: specguard_add_test

  add_test(), guarded::

    specguard_add_test(NAME name COMMAND command [arg...]
      [WORKING_DIRECTORY dir] [CONFIGURATIONS config...] [COMMAND_EXPAND_LISTS]
      [LABELS label...] [PROPERTIES key value...] [guard options])

.. command:: specguard_guard_tests

  Guards every test of this directory and below, however it is registered: add_test(), gtest_discover_tests(),
  subprojects. A directory below may call it again with its own options::

    specguard_guard_tests([guard options])

  A TIMEOUT here is a bound: a test's own TIMEOUT property stays where it is shorter.

.. command:: specguard_add_check_targets

  Adds the targets ``check``, ``check-unit``, ``check-integration``, ``check-system``, which build everything that
  ``all`` does and run those tests, and ``check-resume``, which goes on with an interrupted run::

    specguard_add_check_targets()

  The arguments in ``CMAKE_CTEST_ARGUMENTS`` are passed to ctest.

.. command:: specguard_container_image

  Adds a target that builds the image of tests in containers where a file of it changed, and a test that fails where
  the image is missing or older than its files::

    specguard_container_image(NAME name
      [DIRECTORY dir]     # its content goes on top of the base, as from the root directory
      [DOCKERFILE file]   # default: SpecGuard's Dockerfile.test-isolation
      [BASE image]        # default: debian:12-slim; scratch: none
      [ENGINE auto|docker|podman]
      [TARGET name])      # default: container-image-NAME

Guard options, all of them optional. A duration is seconds, or a number with ms, s, m, h or d; a size is bytes, or a
number with K, M, G or T::

  TIMEOUT duration        wall time              MEMORY size         of the whole process tree
  KILL_AFTER duration     from TERM to KILL      CPUS number         CPUs' worth of time, as 0.5
  IDLE_TIMEOUT duration   without output         PIDS count          processes and threads at once
  CPU_TIME duration       of the process tree    OPEN_FILES count    of each process
  OUTPUT_LIMIT size       what it may print      FILE_SIZE size      largest file it may write
  ISOLATION process|namespace|container          IMAGE name          ENGINE auto|docker|podman
  NETWORK none|host       LEAKS ignore|warn|fail RESULTS exit|simple|tap
  SKIP_CODE code          exit code: skipped     STRICT              refuse what cannot be enforced

ISOLATION may differ by the level of specs, as in ``ISOLATION unit=process,integration=container``.

They can be overridden when ctest runs: ``SPECGUARD_TIMEOUT=600 ctest -R slow``. The variable ``SPECGUARD_LAUNCHER``
names a launcher to use instead of the package's.
#]=======================================================================]
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardAddTest.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardCheckTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardContainerImage.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardDiscoverTests.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/SpecGuardGuardTests.cmake")
