# Every package the project uses, all but OpenVINO from Debian 12; tools/setup installs them. Sets up the
# imported targets and, where Debian ships no CMake package, makes them.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core pull)
find_package(fmt CONFIG REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(CURL REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(xapian CONFIG REQUIRED)
# For tests/eval and tests/bench alone; its CMake package leaves finding OpenMP to others.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(faiss CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(Catch2 CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)

pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET GLOBAL rdkafka rdkafka++)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET GLOBAL re2)
pkg_check_modules(GUMBO REQUIRED IMPORTED_TARGET GLOBAL gumbo)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET GLOBAL libarchive)

find_library(LIBLINEAR_LIBRARY linear REQUIRED)
find_library(CMARK_LIBRARY cmark-gfm REQUIRED)
find_library(CMARK_EXTENSIONS_LIBRARY cmark-gfm-extensions REQUIRED)

# One name per package, so that a DEPS line reads the same whatever the package's own CMake calls it.
function(_frontdesk_package name)
  add_library(fd_ext_${name} INTERFACE)
  target_link_libraries(fd_ext_${name} INTERFACE ${ARGN})
  add_library(ext::${name} ALIAS fd_ext_${name})
endfunction()

_frontdesk_package(absl
  absl::any_invocable absl::base absl::bits absl::btree absl::cleanup absl::cord
  absl::core_headers absl::fixed_array absl::flags absl::flags_parse absl::flags_usage absl::flat_hash_map absl::flat_hash_set absl::function_ref
  absl::hash absl::inlined_vector absl::log_severity absl::memory absl::node_hash_map absl::optional
  absl::random_random absl::raw_logging_internal absl::span absl::status absl::statusor absl::str_format absl::strings
  absl::symbolize absl::synchronization absl::time absl::failure_signal_handler)
_frontdesk_package(grpc gRPC::grpc++ protobuf::libprotobuf)
_frontdesk_package(grpc_reflection gRPC::grpc++_reflection)
# Shared: the static archive would be linked into every test binary, and lacks its own dependencies.
_frontdesk_package(rocksdb RocksDB::rocksdb-shared)
_frontdesk_package(kafka PkgConfig::RDKAFKA)
_frontdesk_package(prometheus prometheus-cpp::core prometheus-cpp::pull)
_frontdesk_package(beast Boost::headers Threads::Threads)
_frontdesk_package(curl CURL::libcurl)
_frontdesk_package(icu ICU::i18n ICU::uc)
_frontdesk_package(xapian ${XAPIAN_LIBRARIES})
target_include_directories(fd_ext_xapian SYSTEM INTERFACE ${XAPIAN_INCLUDE_DIR})
_frontdesk_package(faiss faiss)
_frontdesk_package(sodium PkgConfig::SODIUM)
_frontdesk_package(phonenumber phonenumber protobuf::libprotobuf)
_frontdesk_package(re2 PkgConfig::RE2)
_frontdesk_package(liblinear ${LIBLINEAR_LIBRARY})
_frontdesk_package(cmark ${CMARK_EXTENSIONS_LIBRARY} ${CMARK_LIBRARY})
_frontdesk_package(gumbo PkgConfig::GUMBO)
_frontdesk_package(archive PkgConfig::ARCHIVE)
_frontdesk_package(yaml yaml-cpp)
_frontdesk_package(json nlohmann_json::nlohmann_json)
_frontdesk_package(rapidcheck rapidcheck)
_frontdesk_package(catch2 Catch2::Catch2WithMain)

# Out of its PyPI wheel. The wheel's own CMake package wants every frontend and plugin beside it, and
# setup keeps only the ones we use, so the target is made here. Executables find the library through
# their run path, which CMake derives from the imported location.
set(openvino ${CMAKE_SOURCE_DIR}/.cache/openvino)
if(NOT EXISTS ${openvino}/lib/libopenvino.so)
  message(FATAL_ERROR "OpenVINO is not in .cache/openvino: run tools/setup")
endif()
file(REAL_PATH ${openvino} openvino)
add_library(openvino_runtime SHARED IMPORTED GLOBAL)
set_target_properties(openvino_runtime PROPERTIES
  INTERFACE_COMPILE_DEFINITIONS OV_THREAD=OV_THREAD_TBB_ADAPTIVE
  IMPORTED_LOCATION ${openvino}/lib/libopenvino.so
  INTERFACE_INCLUDE_DIRECTORIES ${openvino}/include)
_frontdesk_package(openvino openvino_runtime)
