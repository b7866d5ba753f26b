#include "libs/base/fault_point.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <exception>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef FRONTDESK_FAULT_POINTS

namespace {

// How many passes of "a.point" a child process survives under `plan`; `signal` gets what ended it.
int PassesUnder(const char* plan, int* signal, bool* threw) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    setenv("FRONTDESK_FAULT", plan, 1);
    for (int i = 0; i < 10; ++i) {
      FD_FAULT_POINT("another.point");
      FD_FAULT_POINT("a.point");
      try {
        FD_FAULT_THROW("billing", "Counted");
      } catch (const std::exception&) {
        _exit(3);
      }
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
  *threw = WIFEXITED(status) && WEXITSTATUS(status) == 3;
  return passes;
}

}  // namespace

TEST_CASE("a fault point kills at the pass that was asked for") {
  int signal = 0;
  bool threw = false;
  CHECK(PassesUnder("a.point:4", &signal, &threw) == 3);
  CHECK(signal == SIGKILL);
  CHECK(PassesUnder("a.point", &signal, &threw) == 0);
  CHECK(signal == SIGKILL);
}

TEST_CASE("a named command of a named service throws at the pass that was asked for") {
  int signal = 0;
  bool threw = false;
  CHECK(PassesUnder("throw:billing/Counted:3", &signal, &threw) == 2);
  CHECK(threw);
  for (const char* other :
       {"throw:ticket/Counted:1", "throw:billing/Count:1", "billing/Counted:1"}) {
    CHECK(PassesUnder(other, &signal, &threw) == 10);
    CHECK_FALSE(threw);
  }
}

TEST_CASE("other fault points pass") {
  int signal = 0;
  bool threw = false;
  CHECK(PassesUnder("some.point:1", &signal, &threw) == 10);
  CHECK(signal == 0);
}

#endif
