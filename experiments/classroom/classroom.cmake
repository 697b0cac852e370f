# The program as a module of WebAssembly: nines.js and nines.wasm, with the data of the program inside. Called again and
# again by the classroom's worker (page/worker.js), and by tests in Node.
target_link_options(nines PRIVATE
  -fwasm-exceptions -Os
  # Functions that JavaScript calls.
  -sMODULARIZE=1 -sEXPORT_NAME=makeNines -sINVOKE_RUN=0 -sEXIT_RUNTIME=0
  "-sEXPORTED_RUNTIME_METHODS=['callMain','FS','ENV']"
  # A page, its worker, and Node for tests.
  -sENVIRONMENT=web,worker,node
  # Names of settings as Emscripten 3.1.6 has them: TOTAL_STACK is STACK_SIZE in newer ones.
  -sALLOW_MEMORY_GROWTH=1 -sTOTAL_STACK=4194304)
# The data, found as those of an installed program are: by the environment, which the worker sets.
foreach(folder topologies experiments/scenarios experiments/labs experiments/sweeps experiments/advise)
  target_link_options(nines PRIVATE "SHELL:--embed-file ${CMAKE_SOURCE_DIR}/${folder}@/data/${folder}")
  file(GLOB_RECURSE NINES_DATA CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.json)
  set_property(TARGET nines APPEND PROPERTY LINK_DEPENDS ${NINES_DATA})
endforeach()
# The schemas are for editors; the program writes them itself.
target_link_options(nines PRIVATE "SHELL:--exclude-file *.cpp --exclude-file *.hpp --exclude-file *.sh --exclude-file */schemas/*")
# Emscripten's own scripts need Debian's packages of Node, also where another Node comes first.
set_target_properties(nines PROPERTIES RULE_LAUNCH_LINK "${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs")

# The page: one file with all of it inside.
find_program(NINES_NODE NAMES node nodejs REQUIRED)
set(NINES_CLASSROOM ${CMAKE_SOURCE_DIR}/experiments/classroom)
set(NINES_BUNDLES ${CMAKE_SOURCE_DIR}/experiments/browser/bundles)
set(NINES_CLASSROOM_PARTS ${CMAKE_BINARY_DIR}/nines.js ${CMAKE_BINARY_DIR}/nines.wasm ${NINES_BUNDLES}/classroom.js
  ${NINES_CLASSROOM}/licences.txt ${NINES_BUNDLES}/classroom.licences.txt ${NINES_BUNDLES}/replay.licences.txt)
set(NINES_CLASSROOM_KNOWN ${NINES_CLASSROOM_PARTS})
list(REMOVE_ITEM NINES_CLASSROOM_KNOWN ${CMAKE_BINARY_DIR}/nines.wasm)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/classroom.html
  COMMAND ${NINES_NODE} ${NINES_CLASSROOM}/assemble.mjs ${CMAKE_BINARY_DIR}/classroom.html ${NINES_CLASSROOM_PARTS}
  # nines.wasm comes with nines.js: the build knows of the one.
  DEPENDS nines ${NINES_CLASSROOM_KNOWN} ${NINES_CLASSROOM}/assemble.mjs ${NINES_CLASSROOM}/page/page.html
    ${NINES_CLASSROOM}/page/style.css ${NINES_CLASSROOM}/page/worker.js
  VERBATIM)
add_custom_target(classroom ALL DEPENDS ${CMAKE_BINARY_DIR}/classroom.html)
