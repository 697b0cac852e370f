# cmake -DNINES=COMMAND -DFOLDER=FOLDER -P cmake/schemas.cmake: writes FOLDER/KIND.json for every kind of file that has a schema.
execute_process(COMMAND ${NINES} list schemas --format csv OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "\r?\n$" "" listed "${listed}")
string(REGEX REPLACE "\r?\n" ";" listed "${listed}")
list(POP_FRONT listed)  # the names of the columns
foreach(line IN LISTS listed)
  string(REGEX REPLACE ",.*" "" kind "${line}")
  execute_process(COMMAND ${NINES} schema ${kind} --output ${FOLDER}/${kind}.json COMMAND_ERROR_IS_FATAL ANY)
endforeach()
