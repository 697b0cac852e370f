# nines_embed(TARGET FUNCTION FILE): the text of FILE in the target, as the function that experiments/review/bundles.hpp
# declares. GCC 12 has no #embed.
function(nines_embed target function file)
  set(source ${CMAKE_BINARY_DIR}/embedded/${function}.cpp)
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DFUNCTION=${function} -DFILE=${CMAKE_SOURCE_DIR}/${file} -DSOURCE=${source}
      -P ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake
    DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${CMAKE_SOURCE_DIR}/cmake/embed_text.cmake VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
