# Which of our headers a target can include: those below the roots that it links, and no others. Each root is a folder of
# the build tree that shows one part of the source tree, so `#include "engine/fusion/rope.h"` in server/ finds no file.

# ovi_header_root(<name> <path>...): what links ovi_<name>_headers can include these files and folders of the source tree.
function(ovi_header_root name)
  set(root ${CMAKE_BINARY_DIR}/headers/${name})
  file(REMOVE_RECURSE ${root})
  foreach(path IN LISTS ARGN)
    get_filename_component(folder ${root}/${path} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${path} ${root}/${path} SYMBOLIC)
  endforeach()
  add_library(ovi_${name}_headers INTERFACE)
  target_include_directories(ovi_${name}_headers INTERFACE ${root})
endfunction()

ovi_header_root(base base)
ovi_header_root(engine_api engine/engine.h engine/clip.h engine/observer.h engine/self_test.h)  # all that server/ may see of the engine
ovi_header_root(engine engine)
ovi_header_root(server server)
ovi_header_root(client client)
ovi_header_root(bench bench)
ovi_header_root(tests tests)

# The root of the part of the tree that is being configured: ovi_engine_headers in engine/text.
function(ovi_own_headers out)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REGEX REPLACE "/.*" "" part "${folder}")
  set(${out} ovi_${part}_headers PARENT_SCOPE)
endfunction()
