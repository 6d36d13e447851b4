// What the end of a container means.
#include "supervise/container_end.h"

#include <gmock/gmock.h>

#include <cerrno>
#include <csignal>

namespace specguard::supervise {
namespace {

using base::Outcome;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int exited_with(int code) {
  return code << 8;  // as wait(2) has it
}

ContainerEnd reported(int wait_status) {
  ContainerEnd end;
  end.image = "tests:1";
  end.program = "sh";
  end.report.wait_status = wait_status;
  end.was_created = true;
  return end;
}

ContainerEnd silent(int client_code, std::string errors) {
  ContainerEnd end;
  end.image = "tests:1";
  end.program = "sh";
  end.client.exit_code = client_code;
  end.client_errors = std::move(errors);
  return end;
}

std::string reason(const ContainerMeaning& meaning) {
  return meaning.breach ? meaning.breach->evidence.reason : "";
}

TEST(ContainerEndTest, EveryExitCodeAndSignalIsTheTestsOwnWhateverTheClientSays) {
  for (int code = 0; code < 256; ++code) {
    ContainerEnd end = reported(exited_with(code));
    end.client.exit_code = 1;
    const ContainerMeaning meaning = understand(end);
    EXPECT_FALSE(meaning.breach) << code;
    EXPECT_EQ(meaning.ending.exit_code, code);
    EXPECT_EQ(meaning.ending.signal, 0);
  }
  for (const int signal : {SIGKILL, SIGSEGV, SIGTERM}) {
    ContainerEnd end = reported(signal);
    end.client.exit_code = 128 + signal;
    EXPECT_FALSE(understand(end).breach);
    EXPECT_EQ(understand(end).ending.signal, signal);
  }
}

TEST(ContainerEndTest, MemoryIsToldByTheKernelsCountAndNotByTheNumber137) {
  ContainerEnd end = reported(SIGKILL);
  end.report.memory_kills = 1;
  end.report.peak_memory_bytes = std::uint64_t{512} << 20;
  const ContainerMeaning meaning = understand(end);
  ASSERT_TRUE(meaning.breach);
  EXPECT_EQ(meaning.breach->outcome, Outcome::kOutOfMemory);
  EXPECT_EQ(meaning.breach->evidence.mechanism, "docker");
  EXPECT_FALSE(understand(reported(exited_with(137))).breach);
  EXPECT_FALSE(understand(reported(SIGKILL)).breach);
}

TEST(ContainerEndTest, ARefusedProcessCountsOnlyWhereTheTestFailed) {
  ContainerEnd end = reported(exited_with(0));
  end.report.fork_refusals = 3;
  EXPECT_FALSE(understand(end).breach);
  end.report.wait_status = exited_with(2);
  ASSERT_TRUE(understand(end).breach);
  EXPECT_EQ(understand(end).breach->outcome, Outcome::kProcessLimit);
}

TEST(ContainerEndTest, CpuTimeIsALimitOfItsOwn) {
  ContainerEnd end = reported(SIGKILL);
  end.report.cpu_time_met = std::chrono::seconds(2);
  ASSERT_TRUE(understand(end).breach);
  EXPECT_EQ(understand(end).breach->outcome, Outcome::kCpuTime);
}

TEST(ContainerEndTest, AnEnginesFailureIsALauncherErrorWithItsWordsAndARemedy) {
  struct Case {
    EngineKind engine;
    int code;
    const char* said;
    const char* remedy;
  };
  const Case cases[] = {
      {EngineKind::kDocker, 125,
       "docker: Error response from daemon: No such image: tests:1.\nSee 'docker run --help'.\n",
       "specguard_container_image()"},
      {EngineKind::kPodman, 125, "Error: tests:1: image not known\n",
       "specguard_container_image()"},
      {EngineKind::kDocker, 125,
       "docker: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n",
       "start its daemon"},
      {EngineKind::kDocker, 125, "time=x level=error msg=\"error waiting for container: EOF\"\n",
       "its daemon ended"},
      {EngineKind::kDocker, 125,
       "docker: permission denied while trying to connect to the Docker daemon socket at x\n",
       "usermod -aG docker"},
      {EngineKind::kDocker, 125,
       "docker: Error response from daemon: Minimum memory limit allowed is 6MB\n",
       "--memory 512.0 MiB is too little"},
      {EngineKind::kPodman, 126,
       "Error: OCI runtime error: runc: unable to set memory limit to 1048576\n",
       "--memory 512.0 MiB is too little"},
      {EngineKind::kPodman, 125, "Error: repository name must be lowercase\n",
       "--image 'tests:1' is not the name of an image"},
      {EngineKind::kDocker, 125, "docker: invalid reference format\n",
       "--image 'tests:1' is not the name of an image"},
      {EngineKind::kDocker, 125,
       "docker: Error response from daemon: failed to mount local volume: mount overlay:/v, data: "
       "lowerdir=/b,upperdir=/u,workdir=/w,userxattr: no such device.\n",
       "modprobe overlay"},
      {EngineKind::kDocker, 126, "docker: Error response from daemon: no space left on device.\n",
       "free space"},
      {EngineKind::kPodman, 127, "Error: runc: exec format error\n", "another kind of machine"},
  };
  for (const Case& row : cases) {
    ContainerEnd end = silent(row.code, row.said);
    end.engine = row.engine;
    const ContainerMeaning meaning = understand(end);
    ASSERT_TRUE(meaning.breach) << row.said;
    EXPECT_EQ(meaning.breach->outcome, Outcome::kLauncherError);
    EXPECT_THAT(reason(meaning), HasSubstr(std::string(row.said).substr(0, 20)));
    EXPECT_THAT(reason(meaning), HasSubstr(row.remedy));
    EXPECT_THAT(reason(meaning), Not(HasSubstr("--help")));
  }
}

TEST(ContainerEndTest, WithoutAReportThereIsNoVerdictEvenForExitCodeZero) {
  ASSERT_TRUE(understand(silent(0, "")).breach);
  EXPECT_EQ(understand(silent(0, "")).breach->outcome, Outcome::kLauncherError);
  ContainerEnd killed = silent(137, "");
  killed.was_created = true;
  EXPECT_THAT(reason(understand(killed)), HasSubstr("killed from outside"));
  ContainerEnd no_client = silent(0, "");
  no_client.client.signal = SIGKILL;
  EXPECT_THAT(reason(understand(no_client)), HasSubstr("client was killed (SIGKILL)"));
  no_client.report.wait_status = SIGKILL;  // as the keeper ended what the client left
  EXPECT_THAT(reason(understand(no_client)), HasSubstr("client was killed (SIGKILL)"));
}

TEST(ContainerEndTest, TheClientsLastWordsAreToldWhereNoFormIsKnown) {
  EXPECT_THAT(reason(understand(silent(1, "Failed to initialize: context not found: x\n"))),
              AllOf(HasSubstr("exit code 1 and without a word of the test: Failed to initialize"),
                    HasSubstr("docker context ls")));
  // What the test printed is not the engine's.
  ContainerEnd lost = silent(1, "hello\n");
  lost.was_created = lost.report.began = true;
  EXPECT_THAT(reason(understand(lost)), Not(HasSubstr("hello")));
  const std::string log = reason(understand(silent(
      125, "time=\"2026\" level=error msg=\"error waiting for container: unexpected EOF\"\n")));
  EXPECT_THAT(log, StartsWith("error waiting for container: unexpected EOF; its daemon ended"));
}

TEST(ContainerEndTest, AnEngineThatDoesNotStartTheContainerInTimeIsNoTimeoutOfTheTest) {
  ContainerEnd end = silent(0, "");
  end.client.signal = SIGKILL;
  end.stop_ordered = true;
  ASSERT_TRUE(understand(end).breach);
  EXPECT_TRUE(understand(end).breach->test_never_began);
  EXPECT_THAT(reason(understand(end)), HasSubstr("docker had not started the container"));
  end.report.began = true;
  EXPECT_FALSE(understand(end).breach->test_never_began);
}

TEST(ContainerEndTest, ACommandThatIsNotInTheImageIsSaidToBeMissing) {
  ContainerEnd end = reported(exited_with(125));
  end.report.start_errno = ENOENT;
  ASSERT_TRUE(understand(end).breach);
  EXPECT_EQ(understand(end).breach->outcome, Outcome::kLauncherError);
  EXPECT_THAT(reason(understand(end)),
              HasSubstr("cannot run sh in the image tests:1: No such file or directory"));
}

TEST(ContainerEndTest, APromiseThatTheEngineDidNotKeepIsSaid) {
  ContainerEnd end = silent(125, "");
  end.report.refused = "memory is not limited";
  EXPECT_THAT(reason(understand(end)), HasSubstr("memory is not limited"));
}

TEST(ContainerEndTest, WhatAnEngineWithoutRootLacksIsSaidWithTheRemedy) {
  ContainerEnd end = silent(125, "");
  end.report.refused = "memory is not limited";
  end.report.refused_of = sys::Refusal::kLimit;
  EXPECT_THAT(reason(understand(end)), Not(HasSubstr("without root")));
  end.rootless = true;
  EXPECT_THAT(reason(understand(end)),
              AllOf(HasSubstr("use root's engine, or --isolation namespace"),
                    HasSubstr("start its daemon in a cgroup")));
  end.engine = EngineKind::kPodman;
  EXPECT_THAT(reason(understand(end)), HasSubstr("start ctest in a cgroup"));
  end.report.refused_of = sys::Refusal::kIsolation;
  EXPECT_THAT(reason(understand(end)), Not(HasSubstr("without root")));
  EXPECT_THAT(reason(understand(silent(
                  125, "cannot find UID/GID for user x: no subuid ranges found for user \"x\"\n"))),
              HasSubstr("usermod --add-subuids"));
  EXPECT_THAT(reason(understand(
                  silent(125, "Error: exec: \"newuidmap\": executable file not found in $PATH\n"))),
              HasSubstr("uidmap"));
  // Podman's word about limits comes first, whatever went wrong then.
  ContainerEnd nameless =
      silent(125,
             "Resource limits are not supported and ignored on cgroups V1 rootless systems\n"
             "Error: failed to get current group: group: unknown groupid 1234\n");
  nameless.rootless = true;
  EXPECT_THAT(reason(understand(nameless)), HasSubstr("add it to /etc/group"));
  EXPECT_THAT(reason(understand(nameless)), Not(HasSubstr("limits nothing")));
}

TEST(ContainerEndTest, AStopFromOutsideIsNoVerdictAboutTheTest) {
  ContainerEnd end = reported(SIGTERM);
  end.report.signal_from_outside = SIGTERM;
  ASSERT_TRUE(understand(end).breach);
  EXPECT_THAT(reason(understand(end)), HasSubstr("told to stop from outside (SIGTERM)"));
  end.stop_ordered = true;
  EXPECT_FALSE(understand(end).breach);
}

TEST(ContainerEndTest, TheEnginesWordsCannotWriteToTheTerminal) {
  EXPECT_THAT(reason(understand(silent(125, "Error: \x1b[2J\xff\n"))), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace specguard::supervise
