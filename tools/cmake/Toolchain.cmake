# Compiler, flags, linker and compiler cache. Included before project().

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "Dev, Release, Asan or Tsan")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# Dev keeps assertions; -g1 gives line numbers in stack traces and links in a third of the time of -g2.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_ASAN
    "-O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined")
# Debian's protobuf is built without TSan, and its headers give map fields another layout with it.
set(CMAKE_CXX_FLAGS_TSAN "-O1 -g1 -fno-omit-frame-pointer -fsanitize=thread -U__SANITIZE_THREAD__ -D_GLIBCXX_TSAN=1")

# ccache ignores precompiled headers unless GCC is told -fpch-preprocess and ccache tolerates these
# differences; base_dir and hash_dir make a second checkout beside this one hit as well.
find_program(FRONTDESK_CCACHE ccache)
if(FRONTDESK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  get_filename_component(_checkouts ${CMAKE_CURRENT_SOURCE_DIR} DIRECTORY)
  if(_checkouts STREQUAL "/")
    # Else every system header would be rewritten to a relative path, too.
    set(_checkouts ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${_checkouts}
      ${FRONTDESK_CCACHE})
endif()
set(CMAKE_PCH_INSTANTIATE_TEMPLATES OFF)
# -pthread everywhere: some packages add it and some do not, and a precompiled header is refused where
# the flags differ.
set(CMAKE_CXX_FLAGS_INIT "-fpch-preprocess -pthread -fdiagnostics-color=auto")

find_program(FRONTDESK_MOLD mold)
if(FRONTDESK_MOLD)
  set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=mold")
  set(CMAKE_SHARED_LINKER_FLAGS_INIT "-fuse-ld=mold")
endif()
