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
endforeach()
# The schemas are for editors; the program writes them itself.
target_link_options(nines PRIVATE "SHELL:--exclude-file *.cpp --exclude-file *.hpp --exclude-file *.sh --exclude-file */schemas/*")
# Emscripten's own scripts need Debian's packages of Node, also where another Node comes first.
set_target_properties(nines PROPERTIES RULE_LAUNCH_LINK "${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs")
