# Toolchain: the program as WebAssembly, for the classroom (experiments/classroom/), by Debian's package emscripten.
include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)

# Native WebAssembly exceptions. Assertions, which stay on, name files by their place in the source tree.
set(CMAKE_CXX_FLAGS_INIT "-fwasm-exceptions -include ${CMAKE_CURRENT_LIST_DIR}/../experiments/classroom/library.hpp")
