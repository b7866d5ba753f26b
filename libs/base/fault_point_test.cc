#include "libs/base/fault_point.h"

#include <catch2/catch.hpp>

#include <cstdlib>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef FRONTDESK_FAULT_POINTS

namespace {

// How many passes of "a.point" a child process survives under `plan`; `signal` gets what ended it.
int PassesUnder(const char* plan, int* signal) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    setenv("FRONTDESK_FAULT", plan, 1);
    for (int i = 0; i < 10; ++i) {
      FD_FAULT_POINT("another.point");
      FD_FAULT_POINT("a.point");
      if (write(pipe_ends[1], "x", 1) != 1) _exit(2);
    }
    _exit(0);
  }
  close(pipe_ends[1]);
  int passes = 0;
  char byte;
  while (read(pipe_ends[0], &byte, 1) == 1) ++passes;
  close(pipe_ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return passes;
}

}  // namespace

TEST_CASE("a fault point kills at the pass that was asked for") {
  int signal = 0;
  CHECK(PassesUnder("a.point:4", &signal) == 3);
  CHECK(signal == SIGKILL);
  CHECK(PassesUnder("a.point", &signal) == 0);
  CHECK(signal == SIGKILL);
}

TEST_CASE("other fault points pass") {
  int signal = 0;
  CHECK(PassesUnder("some.point:1", &signal) == 10);
  CHECK(signal == 0);
}

#endif
