// Switches that only tests may turn (mutation.hpp, coverage.hpp) are no part of what people install.
//
// Files that use them are compiled twice: once as they are installed, where each switch is a constant that the compiler
// removes, and once with NINES_TEST_SWITCHES for the tests. Which files these are CMake reads from their includes.
#pragma once

#ifdef NINES_COMPILED_ONCE
#error "This file has no test switches yet as far as the build knows. Run cmake again (touch CMakeLists.txt)."
#endif
