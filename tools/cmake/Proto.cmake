# frontdesk_proto(<name> DIRS folders… [ROOT dir] [FILES …] [DEPS other packages])
#
# Generates C++ (and gRPC code where a file declares a service) for every .proto in DIRS into
# <build>/gen and makes one static target fd_proto_<name>. The public contract and the private
# records of a service share the target: two libraries per service buy nothing and cost a link.

get_target_property(FRONTDESK_GRPC_PLUGIN gRPC::grpc_cpp_plugin LOCATION)
set(FRONTDESK_GOOGLEAPIS ${CMAKE_SOURCE_DIR}/.cache/googleapis)
if(NOT EXISTS ${FRONTDESK_GOOGLEAPIS}/google/rpc/status.proto)
  message(FATAL_ERROR "The google/rpc and google/api protos are missing: run tools/setup first.")
endif()
file(MAKE_DIRECTORY ${FRONTDESK_GEN})

function(_frontdesk_protoc root file out)
  string(REGEX REPLACE "\\.proto$" "" stem ${file})
  set(outputs ${FRONTDESK_GEN}/${stem}.pb.cc ${FRONTDESK_GEN}/${stem}.pb.h)
  set(plugin)
  # A file that gains its first service must gain its .grpc.pb.cc, too.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root}/${file})
  file(STRINGS ${root}/${file} services REGEX "^service ")
  if(services)
    # First, as in protoc's dependency file, which is sorted by name: ninja wants the first output of
    # both to be the same, and would generate anew in every build.
    list(PREPEND outputs ${FRONTDESK_GEN}/${stem}.grpc.pb.cc ${FRONTDESK_GEN}/${stem}.grpc.pb.h)
    set(plugin --grpc_out=${FRONTDESK_GEN}
      --plugin=protoc-gen-grpc=${FRONTDESK_GRPC_PLUGIN})
  endif()
  get_filename_component(folder ${FRONTDESK_GEN}/${stem} DIRECTORY)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc -I ${root} -I ${CMAKE_SOURCE_DIR}/proto -I ${FRONTDESK_GOOGLEAPIS}
      --cpp_out=${FRONTDESK_GEN} ${plugin}
      --dependency_out=${FRONTDESK_GEN}/${stem}.d ${root}/${file}
    DEPENDS ${root}/${file}
    DEPFILE ${FRONTDESK_GEN}/${stem}.d
    COMMENT "protoc ${file}"
    VERBATIM)
  set(sources ${outputs})
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

function(frontdesk_proto name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "ROOT" "DIRS;FILES;DEPS")
  if(NOT A_ROOT)
    set(A_ROOT ${CMAKE_SOURCE_DIR}/proto)
  endif()
  foreach(dir IN LISTS A_DIRS)
    file(GLOB found CONFIGURE_DEPENDS RELATIVE ${A_ROOT} ${A_ROOT}/${dir}/*.proto)
    list(APPEND A_FILES ${found})
  endforeach()
  set(sources)
  foreach(file IN LISTS A_FILES)
    _frontdesk_protoc(${A_ROOT} ${file} generated)
    list(APPEND sources ${generated})
  endforeach()
  list(TRANSFORM A_DEPS PREPEND fd_proto_)

  if(NOT sources)
    add_library(fd_proto_${name} INTERFACE)
    target_link_libraries(fd_proto_${name} INTERFACE ${A_DEPS} ext::grpc)
    return()
  endif()
  add_library(fd_proto_${name} STATIC ${sources})
  target_include_directories(fd_proto_${name} SYSTEM PUBLIC ${FRONTDESK_GEN})
  # After the flags of the build type, so the last -g wins: nobody steps through generated code.
  target_compile_options(fd_proto_${name} PRIVATE -O1 -g0 -w)
  target_link_libraries(fd_proto_${name} PUBLIC ${A_DEPS} ext::grpc)
endfunction()
